//! Finds the text that a shell or an interpreter runs.

use super::Shell;
use crate::halt::Outcome;
use crate::language::{Language, is_shell};
use crate::marks::{self, DOWNLOAD};
use crate::path::base_name;
use crate::scene::{System, Value};
use crate::watch::Command;
use crate::{cmd, powershell, script};

/// The longest script that is read. A longer one is followed by its words.
const LONGEST_SCRIPT: usize = 24 * 1024;

/// Follows a shell, an interpreter, or a file that the command wrote itself. Returns `None` for
/// everything else.
pub(super) fn start(
    shell: &mut Shell<'_>,
    name: &str,
    argv: &[String],
    stdin: Option<&str>,
) -> Option<Outcome<String>> {
    if is_shell(name) {
        return Some(start_shell(shell, argv, stdin));
    }
    if matches!(name, "at" | "batch" | "iex" | "invoke-expression") {
        let text = stdin?;
        let ran = shell.apart(|shell| shell.run(text, None));
        let command = Command { name, argv, stdin };
        return Some(ran.and_then(|printed| {
            shell.sink.command(&shell.scene, &command)?;
            Ok(printed)
        }));
    }
    match Language::run_by(name) {
        Some(Language::PowerShell) => return Some(start_powershell(shell, argv, stdin)),
        Some(Language::Cmd) => return Some(start_cmd(shell, argv, stdin)),
        Some(language) => {
            // `perl -pi` writes, whatever its script does.
            let told = shell.written(name, argv, stdin);
            return Some(told.and_then(|_| start_interpreter(shell, language, argv, stdin)));
        }
        None => {}
    }
    if argv[0].contains('/') || shell.scene.system() == System::Windows {
        let text = shell.scene.file(&argv[0])?.to_owned();
        return Some(run_file(shell, &text, argv));
    }
    None
}

fn start_shell(shell: &mut Shell<'_>, argv: &[String], stdin: Option<&str>) -> Outcome<String> {
    let (mut is_text, mut is_stdin, mut is_check) = (false, false, false);
    let mut at = 1;
    while let Some(argument) = argv.get(at) {
        at += 1;
        match argument.as_str() {
            "--" => break,
            "-" => {}
            "--rcfile" | "--init-file" => at += 1,
            "--version" | "--help" => return Ok(String::new()),
            long if long.starts_with("--") => {}
            cluster if cluster.starts_with(['-', '+']) => {
                is_text |= cluster.contains('c');
                is_stdin |= cluster.contains('s');
                is_check |= cluster.contains('n');
                at += usize::from(cluster.contains(['o', 'O']));
            }
            _ => {
                at -= 1;
                break;
            }
        }
    }
    if is_check {
        return Ok(String::new());
    }
    let rest = argv.get(at..).unwrap_or_default();
    let (text, arguments) = match rest.split_first() {
        Some((text, rest)) if is_text => (Some(text.clone()), rest.get(1..).unwrap_or_default()),
        Some((name, rest)) if !is_stdin && name != "/dev/stdin" => {
            (shell.scene.file(name).map(str::to_owned), rest)
        }
        _ => (stdin.map(str::to_owned), rest),
    };
    let Some(text) = text else {
        return Ok(marks::unknown());
    };
    shell.apart(|shell| {
        shell.scene.set_system(System::Unix);
        shell.scene.set_arguments(arguments);
        if let (true, Some(name)) = (is_text, rest.get(1)) {
            shell.scene.set("0", Value::of(name.clone()));
        }
        shell.run(&text, if is_text { stdin } else { None })
    })
}

fn start_powershell(
    shell: &mut Shell<'_>,
    argv: &[String],
    stdin: Option<&str>,
) -> Outcome<String> {
    let text = match powershell::program(&argv[1..]) {
        powershell::Program::Text(text) => Some(text),
        powershell::Program::File(name) => shell.scene.file(&name).map(str::to_owned),
        powershell::Program::Stdin => stdin.map(str::to_owned),
    };
    match text {
        Some(text) => judge_script(shell, Language::PowerShell, &text, argv),
        None => Ok(marks::unknown()),
    }
}

fn start_cmd(shell: &mut Shell<'_>, argv: &[String], stdin: Option<&str>) -> Outcome<String> {
    match cmd::program(&argv[1..]).or_else(|| stdin.map(str::to_owned)) {
        Some(text) => judge_script(shell, Language::Cmd, &text, argv),
        None => Ok(marks::unknown()),
    }
}

/// Follows a file that the command wrote itself.
pub(super) fn run_file(shell: &mut Shell<'_>, text: &str, argv: &[String]) -> Outcome<String> {
    let first_line = text.lines().next().unwrap_or_default();
    let interpreter = first_line.strip_prefix("#!").and_then(|line| {
        let names = line.split_whitespace().map(base_name);
        names.filter_map(Language::run_by).next()
    });
    match interpreter.or_else(|| Language::of_file(&argv[0])) {
        Some(language) => judge_script(shell, language, text, argv),
        None => shell.apart(|shell| {
            shell.scene.set_arguments(&argv[1..]);
            shell.run(text, None)
        }),
    }
}

fn start_interpreter(
    shell: &mut Shell<'_>,
    language: Language,
    argv: &[String],
    stdin: Option<&str>,
) -> Outcome<String> {
    let text = match program(language, &argv[1..]) {
        Program::Inline(texts) => Some(texts.join("\n")),
        Program::File(name) if name.contains("://") => Some(DOWNLOAD.to_string()),
        Program::File(name) => shell.scene.file(&name).map(str::to_owned),
        Program::Stdin => stdin.map(str::to_owned),
        Program::Other => None,
    };
    match text {
        Some(text) if language == Language::Awk => {
            judge_script(shell, language, &text, argv)?;
            shell.output("awk", argv, stdin)
        }
        Some(text) => judge_script(shell, language, &text, argv),
        None => Ok(marks::unknown()),
    }
}

fn judge_script(
    shell: &mut Shell<'_>,
    language: Language,
    text: &str,
    argv: &[String],
) -> Outcome<String> {
    if text
        .lines()
        .any(|line| line.trim_start().starts_with(DOWNLOAD))
    {
        shell.sink.downloaded(&shell.scene, argv)?;
    }
    shell.apart(|shell| {
        shell.deeper(|shell| {
            if text.len() > LONGEST_SCRIPT {
                shell.by_words(text).map(drop)
            } else {
                script::follow(language, text, shell)
            }
        })
    })?;
    Ok(marks::unknown())
}

/// Where an interpreter finds its program.
enum Program {
    Inline(Vec<String>),
    File(String),
    Stdin,
    /// Somewhere else: a module, a subcommand, a prompt.
    Other,
}

fn program(language: Language, arguments: &[String]) -> Program {
    let mut inline = Vec::new();
    let mut at = 0;
    while let Some(argument) = arguments.get(at) {
        at += 1;
        let is_inline = language.takes_inline(argument);
        if is_inline {
            if let Some(attached) = argument.strip_prefix("--eval=") {
                inline.push(attached.to_owned());
            } else {
                inline.extend(arguments.get(at).cloned());
                at += 1;
            }
            if language == Language::Python {
                break;
            }
        } else if language.takes_value(argument) {
            at += 1;
        } else if language == Language::Python && argument.starts_with("-m") {
            return Program::Other;
        } else if argument == "-" || argument == "/dev/stdin" {
            return Program::Stdin;
        } else if matches!(argument.as_str(), "--version" | "--help" | "-V" | "-h") {
            return Program::Other;
        } else if !argument.starts_with('-') {
            return match (inline.is_empty(), language) {
                (false, _) => Program::Inline(inline),
                (true, Language::Awk) => Program::Inline(vec![argument.clone()]),
                (true, _) if matches!(argument.as_str(), "run" | "x") => continue_at(arguments, at),
                (true, _) => Program::File(argument.clone()),
            };
        }
    }
    if inline.is_empty() {
        Program::Stdin
    } else {
        Program::Inline(inline)
    }
}

/// `deno run FILE`, `bun run FILE`.
fn continue_at(arguments: &[String], at: usize) -> Program {
    let file = arguments[at..]
        .iter()
        .find(|argument| !argument.starts_with('-') || *argument == "-");
    match file.map(String::as_str) {
        Some("-") => Program::Stdin,
        Some(name) => Program::File(name.to_owned()),
        None => Program::Other,
    }
}
