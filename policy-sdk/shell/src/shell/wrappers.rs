//! Follows commands that run the command in their arguments, such as `sudo`.

mod named;

use super::simple::{Assignment, quoted};
use super::{Shell, tasks};
use crate::halt::Outcome;
use crate::options::Options;

use named::{Inner, find};

/// Wrappers that open a shell if no command is given. The shell reads their input.
const OPENS_SHELL: &[&str] = &["ssh", "su", "sudo", "doas", "chroot", "nsenter", "unshare"];

/// Follows the command inside a wrapper. Returns `None` if it is no wrapper.
pub(super) fn unwrap(
    shell: &mut Shell<'_>,
    name: &str,
    argv: &[String],
    stdin: Option<&str>,
) -> Option<Outcome<String>> {
    let wrapper = find(name, argv)?;
    if name == "command" && argv.get(1).is_some_and(|flag| flag == "-v" || flag == "-V") {
        return Some(shell.output("which", &argv[1..], None));
    }
    let arguments = argv.get(wrapper.start..).unwrap_or_default();
    if let Some(mut text) = text_option(wrapper.text_options, arguments) {
        if name == "env" {
            // What stands behind the text are more words of the command.
            let at = arguments.iter().position(|word| word.ends_with(&text));
            for word in at
                .and_then(|at| arguments.get(at + 1..))
                .unwrap_or_default()
            {
                text.push(' ');
                text.push_str(&quoted(word));
            }
        }
        return Some(shell.apart(|shell| shell.run(&text, stdin)));
    }
    let mut at = skip_options(argv, wrapper.start, wrapper.valued);
    for _ in 0..wrapper.operands {
        at = skip_options(argv, at + 1, wrapper.valued);
    }
    let rest = argv.get(at..).unwrap_or_default();
    let is_open = OPENS_SHELL.contains(&name) && (rest.is_empty() || name == "su");
    if let (true, Some(text)) = (is_open, stdin) {
        return Some(shell.apart(|shell| shell.run(text, None)));
    }
    Some(match wrapper.inner {
        Inner::Words if name == "uv" && rest.first().is_some_and(|word| is_script(word)) => {
            let words = ["python3".to_owned()]
                .into_iter()
                .chain(rest.iter().cloned());
            shell.apart(|shell| shell.command(&words.collect::<Vec<_>>(), stdin))
        }
        Inner::Words => {
            let options = Options::read(argv.get(1..at).unwrap_or_default(), wrapper.valued);
            let folder = options.value(&["-C", "--chdir"]).filter(|_| name == "env");
            shell.apart(|shell| {
                shell.scene.enter_if(folder);
                run_words(shell, rest, stdin)
            })
        }
        Inner::Text => shell.apart(|shell| shell.run(&rest.join(" "), stdin)),
        Inner::Texts => run_texts(shell, rest, stdin),
        Inner::Elsewhere => shell.apart(|shell| {
            shell.scene.go_elsewhere();
            match rest {
                [text] => shell.run(text, stdin),
                _ if name == "ssh" => shell.run(&rest.join(" "), stdin),
                words => shell.command(words, stdin),
            }
        }),
    })
}

/// Whether `uv run` reads it as a Python script.
fn is_script(word: &str) -> bool {
    word == "-" || word.ends_with(".py")
}

/// The index of the first argument from `at` on that is not an option of the wrapper.
fn skip_options(argv: &[String], mut at: usize, valued: &[&str]) -> usize {
    while let Some(argument) = argv.get(at) {
        if argument == "--" {
            return at + 1;
        }
        if !argument.starts_with('-') || argument == "-" {
            return at;
        }
        at += 1 + usize::from(valued.contains(&argument.as_str()));
    }
    at
}

fn run_words(shell: &mut Shell<'_>, words: &[String], stdin: Option<&str>) -> Outcome<String> {
    let is_assignment = |word: &&String| {
        word.split_once('=').is_some_and(|(name, _)| {
            !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        })
    };
    let count = words.iter().take_while(is_assignment).count();
    shell.apart(|shell| {
        for word in &words[..count] {
            Assignment(&quoted_assignment(word)).follow(shell)?;
            tasks::variable(shell, word)?;
        }
        let rest = &words[count..];
        let options = rest.iter().take_while(|word| word.starts_with('-')).count();
        shell.deeper(|shell| shell.command(&rest[options..], stdin))
    })
}

fn quoted_assignment(word: &str) -> String {
    let (name, value) = word.split_once('=').unwrap_or((word, ""));
    format!("{name}={}", quoted(value))
}

fn run_texts(shell: &mut Shell<'_>, texts: &[String], stdin: Option<&str>) -> Outcome<String> {
    for text in texts {
        shell.apart(|shell| shell.run(text, stdin))?;
    }
    Ok(crate::marks::unknown())
}

fn text_option(names: &[&str], arguments: &[String]) -> Option<String> {
    if names.is_empty() {
        return None;
    }
    Options::read(arguments, names)
        .value(names)
        .map(str::to_owned)
}
