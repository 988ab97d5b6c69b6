//! Splits a text for `cmd` into commands.

use crate::windows;

/// A command as written, before variables are replaced.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Simple {
    pub(super) text: String,
    /// Whether its output goes to the next command.
    pub(super) is_piped: bool,
}

/// Returns the commands of a text, in order. Groups in parentheses are split too, because any of
/// the commands in them may run.
pub(super) fn commands(text: &str) -> Vec<Simple> {
    let mut reader = Reader::default();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' => {
                reader.is_quoted = !reader.is_quoted;
                reader.now.push(c);
            }
            '\n' => {
                reader.is_quoted = false;
                reader.end(false);
            }
            '\r' => {}
            _ if reader.is_quoted => reader.now.push(c),
            '^' => match chars.next() {
                // The line continues.
                Some('\r') => {
                    chars.next_if_eq(&'\n');
                }
                Some('\n') | None => {}
                Some(escaped) => reader.escaped(escaped),
            },
            '&' if reader.now.ends_with(['>', '<']) => reader.now.push(c),
            '&' => reader.end(false),
            '|' => {
                let is_or = chars.next_if_eq(&'|').is_some();
                reader.end(!is_or);
            }
            '(' if reader.opens_group() => reader.open(),
            '(' => {
                reader.lists += 1;
                reader.now.push(c);
            }
            ')' => reader.close(),
            _ => reader.now.push(c),
        }
    }
    reader.end(false);
    reader.commands
}

/// Stand-ins for escaped characters, so that these no longer split anything.
const ESCAPED: [(char, char); 6] = [
    ('&', '\u{FDE0}'),
    ('|', '\u{FDE1}'),
    ('<', '\u{FDE2}'),
    ('>', '\u{FDE3}'),
    ('"', '\u{FDE4}'),
    ('%', '\u{FDE5}'),
];

/// Returns the text with the escaped characters put back.
pub(super) fn unescaped(text: &str) -> String {
    let plain = |c: char| {
        let found = ESCAPED.iter().find(|(_, mark)| *mark == c);
        found.map_or(c, |(plain, _)| *plain)
    };
    text.chars().map(plain).collect()
}

#[derive(Default)]
struct Reader {
    commands: Vec<Simple>,
    now: String,
    is_quoted: bool,
    /// How many groups are open.
    open: usize,
    /// How many parentheses are open in the command itself, such as those of a `for`'s list.
    lists: usize,
}

impl Reader {
    fn end(&mut self, is_piped: bool) {
        let text = std::mem::take(&mut self.now);
        self.lists = 0;
        if !text.trim().is_empty() {
            self.commands.push(Simple { text, is_piped });
        }
    }

    fn escaped(&mut self, c: char) {
        let found = ESCAPED.iter().find(|(plain, _)| *plain == c);
        self.now.push(found.map_or(c, |(_, mark)| *mark));
    }

    /// Whether a parenthesis here opens a group of commands.
    fn opens_group(&self) -> bool {
        let before = self.now.trim_matches([' ', '\t', '@']);
        let is_behind_do = ends(before, " do") || ends(before, ")do");
        match before.split_once([' ', '\t']) {
            _ if is_behind_do => true,
            None => before.is_empty() || before.eq_ignore_ascii_case("else"),
            Some((first, _)) => first.eq_ignore_ascii_case("if"),
        }
    }

    fn open(&mut self) {
        self.open += 1;
        // Behind `for … do (` the first command of the group stays with the `for`.
        if !ends(self.now.trim_end(), "do") {
            self.end(false);
        }
    }

    fn close(&mut self) {
        if self.lists > 0 {
            self.lists -= 1;
            self.now.push(')');
        } else if self.open > 0 {
            self.open -= 1;
            self.end(false);
        } else {
            self.now.push(')');
        }
    }
}

fn ends(text: &str, end: &str) -> bool {
    let at = text.len().checked_sub(end.len());
    at.and_then(|at| text.get(at..))
        .is_some_and(|own| own.eq_ignore_ascii_case(end))
}

/// Splits a command into words and removes the escapes of `cmd`.
pub(super) fn words(text: &str) -> Vec<String> {
    let words = windows::words(text);
    words.iter().map(|word| unescaped(word)).collect()
}

/// A command without its redirections, and the files they write to.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Redirected {
    pub(super) text: String,
    /// The files, and whether the output is appended.
    pub(super) outputs: Vec<(String, bool)>,
    pub(super) input: Option<String>,
}

/// Removes the redirections from a command and returns both.
pub(super) fn redirected(text: &str) -> Redirected {
    let mut out = Redirected::default();
    let mut is_quoted = false;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '"' {
            is_quoted = !is_quoted;
        }
        if is_quoted || !matches!(c, '>' | '<') {
            out.text.push(c);
            continue;
        }
        let handle = out.text.chars().last().filter(char::is_ascii_digit);
        let before = out.text.chars().rev().nth(1);
        let is_handle = handle.is_some() && before.is_none_or(char::is_whitespace);
        if is_handle {
            out.text.pop();
        }
        let is_added = c == '>' && chars.next_if_eq(&'>').is_some();
        if chars.next_if_eq(&'&').is_some() {
            chars.next();
            continue;
        }
        let file = file(&mut chars);
        let is_output = !(is_handle && handle == Some('2'));
        match c {
            '<' => out.input = Some(file),
            _ if is_output && !file.eq_ignore_ascii_case("nul") => {
                out.outputs.push((file, is_added))
            }
            _ => {}
        }
    }
    out
}

fn file(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> String {
    let mut file = String::new();
    let mut is_quoted = false;
    while chars.next_if(|c| c.is_whitespace()).is_some() {}
    while let Some(c) = chars.next_if(|c| is_quoted || !c.is_whitespace() && !"<>".contains(*c)) {
        match c {
            '"' => is_quoted = !is_quoted,
            c => file.push(c),
        }
    }
    unescaped(&file)
}
