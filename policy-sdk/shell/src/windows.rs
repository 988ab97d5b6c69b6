//! What is known about Windows: its variables, and which texts are for its shells.

use std::borrow::Cow;

use crate::cmdlet;
use crate::language::Language;

/// The value of an environment variable, if it is the same on every machine. The name is in lower
/// case. Paths in the user's home begin with `~` and temporary ones with `/tmp`, as on other
/// systems.
pub(crate) fn variable(name: &str) -> Option<&'static str> {
    Some(match name {
        "home" | "userprofile" => "~",
        "temp" | "tmp" | "tmpdir" => "/tmp",
        "localappdata" => "~/AppData/Local",
        "appdata" => "~/AppData/Roaming",
        "onedrive" => "~/OneDrive",
        "programdata" | "allusersprofile" => "C:/ProgramData",
        "systemroot" | "windir" => "C:/Windows",
        "systemdrive" | "homedrive" => "C:",
        "programfiles" | "programw6432" => "C:/Program Files",
        "comspec" => "cmd",
        _ => return None,
    })
}

/// A path with `/` for each `\\`, and without the prefix that stands for "as it is".
pub(crate) fn slashed(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let text = text.replace('\\', "/");
    match text.strip_prefix("//?/") {
        Some(rest) => Cow::Owned(rest.to_owned()),
        None => Cow::Owned(text),
    }
}

/// A line as the words of a program: parted by spaces and the like outside of quotes, which are left out.
pub(crate) fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut is_quoted = false;
    for c in line.chars() {
        match c {
            '"' => {
                is_quoted = !is_quoted;
                word.get_or_insert_default();
            }
            c if c.is_whitespace() && !is_quoted => words.extend(word.take()),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

/// The shell of Windows for which a text was written, if its commands show it. Another shell may
/// still run it.
pub(crate) fn language(text: &str) -> Option<Language> {
    // Without a hyphen there is no cmdlet, and without a slash no option of `cmd`.
    if !text.bytes().any(|c| matches!(c, b'-' | b'/' | b'$')) {
        return None;
    }
    starts(text).find_map(|(word, behind)| language_by(word, behind))
}

fn language_by(word: &str, behind: &str) -> Option<Language> {
    if is_cmdlet(word) {
        return Some(Language::PowerShell);
    }
    if !is_short_name(word) {
        return None;
    }
    if is_alias(word, behind) {
        return Some(Language::PowerShell);
    }
    is_cmd(word, behind).then_some(Language::Cmd)
}

/// The shell of Windows for which a command was written, by its words.
pub(crate) fn language_of(argv: &[String]) -> Option<Language> {
    let (first, rest) = argv.split_first()?;
    match is_short_name(first) {
        true => language_by(first, &rest.join(" ")),
        false => language_by(first, ""),
    }
}

/// Whether the text has keywords that only a shell like `sh` uses.
pub(crate) fn has_keywords_of_sh(text: &str) -> bool {
    starts(text).any(|(word, _)| matches!(word, "done" | "fi" | "esac" | "then" | "do"))
}

/// Whether a command for a shell of Windows names something that matters. Long scripts are full of
/// those that don't.
pub(crate) fn matters(text: &str) -> bool {
    const NAMES: &[&str] = &[
        "remove-item",
        "ri",
        "rm",
        "rd",
        "rmdir",
        "del",
        "erase",
        "clear-content",
        "set-content",
        "add-content",
        "out-file",
        "move-item",
        "copy-item",
        "format-volume",
        "format",
        "clear-disk",
        "initialize-disk",
        "remove-partition",
        "stop-computer",
        "restart-computer",
        "stop-process",
        "stop-service",
        "invoke-expression",
        "iex",
        "start-process",
        "robocopy",
        "remove-itemproperty",
        "set-itemproperty",
        "register-scheduledtask",
        "delete",
    ];
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    words
        .filter(|word| word.len() > 1)
        .any(|word| NAMES.iter().any(|name| word.eq_ignore_ascii_case(name)))
}

/// The first word of each command, roughly, and what stands behind it.
fn starts(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = text;
    let commands = std::iter::from_fn(move || {
        let now = (!rest.is_empty()).then_some(rest)?;
        let end = now
            .bytes()
            .position(|c| ENDS[usize::from(c)] == End::Command);
        let (command, behind) = now.split_at(end.unwrap_or(now.len()));
        rest = behind.get(1..).unwrap_or_default();
        Some(command)
    });
    commands.filter_map(|command| {
        let command = command.trim_start_matches([' ', '\t', '@', '"', '\'']);
        let end = command
            .bytes()
            .position(|c| ENDS[usize::from(c)] == End::Word);
        let end = match &command[..end.unwrap_or(command.len())] {
            word if word.is_ascii() => word.len(),
            // It may hold a space of more than one byte.
            word => word.find(char::is_whitespace).unwrap_or(word.len()),
        };
        let (word, behind) = command.split_at(end);
        (!word.is_empty()).then_some((word, behind.trim_start()))
    })
}

/// What a byte puts an end to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Nothing,
    Word,
    Command,
}

const ENDS: [End; 256] = {
    let mut ends = [End::Nothing; 256];
    let mut at = 0;
    while at < 256 {
        ends[at] = match at as u8 {
            b';' | b'|' | b'&' | b'\n' | b'{' | b'(' | b'=' | b'`' => End::Command,
            b' ' | b'\t' | b'\r' | 0x0B | 0x0C | b'"' | b'\'' | b')' | b'}' | b'/' => End::Word,
            _ => End::Nothing,
        };
        at += 1;
    }
    ends
};

/// Whether the word is `Verb-Noun`, a form that only PowerShell's cmdlets have.
fn is_cmdlet(word: &str) -> bool {
    let Some((verb, noun)) = word.split_once('-') else {
        return word.starts_with("$env:") || matches!(word, "iex" | "iwr" | "irm" | "gci");
    };
    cmdlet::is_cmdlet(&word.to_ascii_lowercase())
        && (verb.starts_with(char::is_uppercase) && noun.starts_with(char::is_uppercase)
            || is_dangerous_cmdlet(&word.to_ascii_lowercase()))
}

/// Whether this is a cmdlet to look for in any case, because nothing else has such a name.
fn is_dangerous_cmdlet(word: &str) -> bool {
    matches!(
        word,
        "remove-item"
            | "invoke-expression"
            | "invoke-webrequest"
            | "invoke-restmethod"
            | "get-childitem"
            | "format-volume"
            | "clear-disk"
            | "stop-computer"
            | "restart-computer"
            | "stop-process"
            | "start-process"
            | "set-content"
            | "add-content"
            | "out-file"
            | "clear-content"
    )
}

/// Names of commands that `cmd` has.
const CMD: &[&str] = &[
    "rd", "rmdir", "del", "erase", "deltree", "format", "xcopy", "robocopy",
];

/// Short names of `Remove-Item` that are none of a Unix command.
const ALIASES: &[&str] = &["ri", "rd", "del", "erase", "rmdir"];

fn is_short_name(word: &str) -> bool {
    let first = word.bytes().next().unwrap_or_default();
    let may_be = matches!(first | 0x20, b'r' | b'd' | b'e' | b'f' | b'x');
    let mut names = CMD.iter().chain(ALIASES);
    may_be && word.len() <= "robocopy".len() && names.any(|name| word.eq_ignore_ascii_case(name))
}

/// A short name of `Remove-Item` with a parameter as PowerShell writes it.
fn is_alias(word: &str, behind: &str) -> bool {
    let is_recurse = |word: &str| {
        let name = word.strip_prefix('-').unwrap_or_default();
        !name.is_empty() && "recurse".starts_with(&name.to_ascii_lowercase())
    };
    behind.split_whitespace().take(8).any(is_recurse)
        && ALIASES.iter().any(|name| word.eq_ignore_ascii_case(name))
}

/// A command of `cmd` with an option of its kind: `rd /s`, `del /q`, `rd/s`.
fn is_cmd(word: &str, behind: &str) -> bool {
    let is_long = word.eq_ignore_ascii_case("robocopy");
    let is_option = |option: &str| {
        let mut names = option.split('/').skip(1).peekable();
        let has_any = option.starts_with('/') && names.peek().is_some();
        has_any
            && names.all(|name| {
                let letters = name.split(':').next().unwrap_or_default();
                let is_name = letters.chars().all(|c| c.is_ascii_alphabetic());
                is_name && (letters.len() == 1 || is_long && !letters.is_empty())
            })
    };
    behind.split_whitespace().take(8).any(is_option)
        && CMD.iter().any(|name| word.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_shows_what_it_was_written_for() {
        for text in [
            "Remove-Item -Recurse x",
            "cd x; remove-item x",
            "Get-ChildItem | Remove-Item",
            "$x = Get-Content a",
            "$env:PATH += ';x'",
        ] {
            assert_eq!(language(text), Some(Language::PowerShell), "{text}");
        }
        for text in ["rd /s /q x", "cd x && del /q *.log", "RMDIR /S x", "rd/s x"] {
            assert_eq!(language(text), Some(Language::Cmd), "{text}");
        }
        for text in [
            "rm -rf /tmp/x",
            "rmdir /tmp/x",
            "rmdir /srv",
            "git-lfs pull",
            "apt-get install x",
            "echo Remove-Item",
            "grep -r Remove-Item .",
        ] {
            assert_eq!(language(text), None, "{text}");
        }
    }
}
