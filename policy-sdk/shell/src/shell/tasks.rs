//! Programs that run commands which a file or a variable names: `make`, `npm run`, hooks of Git, editors.
//!
//! Only files that the command wrote itself are known here.

use super::Shell;
use super::launch;
use super::makefile::Makefile;
use crate::halt::Outcome;
use crate::marks;
use crate::options::Options;
use crate::path::base_name;
use crate::scene::Value;

/// Variables whose values are commands, which other programs run.
const COMMANDS: &[&str] = &[
    "EDITOR",
    "VISUAL",
    "PAGER",
    "MANPAGER",
    "PROMPT_COMMAND",
    "GIT_EDITOR",
    "GIT_SEQUENCE_EDITOR",
    "GIT_PAGER",
    "GIT_SSH_COMMAND",
    "GIT_EXTERNAL_DIFF",
    "GIT_ASKPASS",
];

/// Follows what a variable has the command run that it is set for.
pub(super) fn variable(shell: &mut Shell<'_>, assignment: &str) -> Outcome<()> {
    let Some((name, _)) = assignment.split_once('=') else {
        return Ok(());
    };
    let text = match name {
        "BASH_ENV" | "ENV" => {
            let file = shell.scene.value(name).first();
            shell.scene.file(&file).map(str::to_owned)
        }
        name if COMMANDS.contains(&name) => Some(shell.scene.value(name).first()),
        _ => None,
    };
    match text {
        Some(text) if !marks::is_open(&text) => {
            shell.apart(|shell| shell.run(&text, None)).map(drop)
        }
        _ => Ok(()),
    }
}

/// Follows the commands that one of these programs runs.
pub(super) fn follow(shell: &mut Shell<'_>, name: &str, argv: &[String]) -> Outcome<()> {
    match name {
        "make" | "gmake" => make(shell, argv, &["GNUmakefile", "makefile", "Makefile"]),
        "just" => make(shell, argv, &["justfile", "Justfile", ".justfile"]),
        "npm" | "pnpm" | "yarn" | "bun" => package(shell, argv),
        "tar" | "gtar" | "bsdtar" => {
            let texts = argv.iter().filter_map(|word| {
                let own = word.strip_prefix("--checkpoint-action=exec=");
                own.or_else(|| word.strip_prefix("--to-command="))
            });
            run_each(shell, texts.map(str::to_owned).collect())
        }
        "forfiles" => {
            let at = argv.iter().position(|word| word.eq_ignore_ascii_case("/c"));
            let command = at.and_then(|at| argv.get(at + 1));
            run_each(shell, command.cloned().into_iter().collect())
        }
        "wmic" => {
            let at = argv
                .iter()
                .position(|word| word.eq_ignore_ascii_case("create"));
            let command = at.and_then(|at| argv.get(at + 1));
            run_each(shell, command.cloned().into_iter().collect())
        }
        "vim" | "vi" | "nvim" | "view" | "ex" => {
            let commands = argv.iter().skip(1).filter_map(|word| {
                let word = word.trim_start_matches(['+', ':', ' ']);
                word.strip_prefix('!')
            });
            run_each(shell, commands.map(str::to_owned).collect())
        }
        _ => Ok(()),
    }
}

/// Follows the hooks that a command of Git runs.
pub(super) fn hooks(shell: &mut Shell<'_>, verb: &str, arguments: &[String]) -> Outcome<()> {
    let names: &[&str] = match verb {
        "commit" => &[
            "pre-commit",
            "prepare-commit-msg",
            "commit-msg",
            "post-commit",
        ],
        "push" => &["pre-push"],
        "checkout" | "switch" | "clone" => &["post-checkout"],
        "merge" | "pull" => &["pre-merge-commit", "post-merge"],
        "rebase" => &["pre-rebase", "post-rewrite"],
        _ => return Ok(()),
    };
    if arguments.iter().any(|word| word == "--no-verify") {
        return Ok(());
    }
    let set = shell.scene.assigned("git.core.hookspath");
    let folder = set.map_or_else(|| ".git/hooks".to_owned(), |folder| folder.first());
    for name in names {
        for folder in [folder.as_str(), ".husky"] {
            let file = format!("{folder}/{name}");
            let Some(text) = shell.scene.file(&file).map(str::to_owned) else {
                continue;
            };
            shell.deeper(|shell| launch::run_file(shell, &text, &[file]))?;
        }
    }
    Ok(())
}

fn run_each(shell: &mut Shell<'_>, texts: Vec<String>) -> Outcome<()> {
    for text in texts {
        shell.apart(|shell| shell.run(&text, None))?;
    }
    Ok(())
}

/// Follows the recipes of the targets that are made.
fn make(shell: &mut Shell<'_>, argv: &[String], names: &[&str]) -> Outcome<()> {
    let valued = [
        "-f",
        "--file",
        "--makefile",
        "--justfile",
        "-C",
        "--directory",
        "-j",
        "-l",
        "-o",
    ];
    let options = Options::read(&argv[1..], &valued);
    if options.has(&["-n", "--just-print", "--dry-run"]) {
        return Ok(());
    }
    let folder = options.value(&["-C", "--directory"]).map(str::to_owned);
    let (variables, targets): (Vec<&str>, Vec<&str>) =
        options.operands.iter().partition(|word| word.contains('='));
    let file = options.value(&["-f", "--file", "--makefile", "--justfile"]);
    let files: Vec<&str> = file.map_or_else(|| names.to_vec(), |file| vec![file]);
    shell.apart(|shell| {
        shell.scene.enter_if(folder.as_deref());
        let Some(text) = files.iter().find_map(|file| shell.scene.file(file)) else {
            return Ok(());
        };
        let mut makefile = Makefile::read(text);
        for variable in variables {
            makefile.set(variable);
        }
        let lines = makefile.lines(&targets);
        shell.deeper(|shell| run_each(shell, lines))
    })
}

/// Follows the scripts of `package.json` that a package manager runs.
fn package(shell: &mut Shell<'_>, argv: &[String]) -> Outcome<()> {
    let mut words = argv.iter().skip(1).map(String::as_str);
    let Some(verb) = words.find(|word| !word.starts_with('-')) else {
        return Ok(());
    };
    let mut rest = words.filter(|word| !word.starts_with('-'));
    if verb == "pkg" && rest.next() == Some("set") {
        for setting in rest {
            if let Some((name, script)) = setting.split_once('=') {
                shell
                    .scene
                    .set(&format!("npm.{name}"), Value::of(script.to_owned()));
            }
        }
        return Ok(());
    }
    let scripts: Vec<String> = match verb {
        "run" | "run-script" => rest.next().into_iter().flat_map(around).collect(),
        "install" | "i" | "ci" | "add" => {
            let names = ["preinstall", "install", "postinstall", "prepare"];
            names.map(str::to_owned).to_vec()
        }
        verb => around(verb),
    };
    let file = shell
        .scene
        .file("package.json")
        .map(str::to_owned)
        .unwrap_or_default();
    for name in scripts {
        let set = shell.scene.assigned(&format!("npm.scripts.{name}"));
        let script = set
            .map(|value| value.first())
            .or_else(|| script_of(&file, &name));
        if let Some(script) = script {
            shell.deeper(|shell| shell.apart(|shell| shell.run(&script, None)))?;
        }
    }
    Ok(())
}

/// A script, and those that run before and behind it.
fn around(name: &str) -> Vec<String> {
    vec![format!("pre{name}"), name.to_owned(), format!("post{name}")]
}

/// The script of that name in the text of a `package.json`.
fn script_of(text: &str, name: &str) -> Option<String> {
    let scripts = &text[text.find("\"scripts\"")?..];
    let scripts = &scripts[..scripts.find('}').unwrap_or(scripts.len())];
    let quoted = format!("\"{name}\"");
    let behind = scripts[scripts.find(&quoted)? + quoted.len()..].trim_start();
    let value = behind.strip_prefix(':')?.trim_start().strip_prefix('"')?;
    let mut end = 0;
    let mut chars = value.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => {
                end = at;
                break;
            }
            '\\' => drop(chars.next()),
            _ => {}
        }
    }
    Some(crate::escapes::decode(&value[..end]))
}

/// Follows an alias that was set before: `git config alias.x …`.
pub(super) fn set_of_git(shell: &mut Shell<'_>, arguments: &[String]) {
    let mut words = arguments
        .iter()
        .map(String::as_str)
        .filter(|word| !word.starts_with("--") && *word != "set");
    if let (Some(key), Some(value)) = (words.next(), words.next()) {
        let key = key.to_lowercase();
        if key.starts_with("alias.") || key == "core.hookspath" {
            shell
                .scene
                .set(&format!("git.{key}"), Value::of(value.to_owned()));
        }
    }
}

/// Whether Git runs the value of this setting as a command.
pub(super) fn is_command_of_git(key: &str) -> bool {
    let key = key.to_lowercase();
    matches!(
        key.as_str(),
        "core.pager"
            | "core.editor"
            | "core.sshcommand"
            | "core.fsmonitor"
            | "core.askpass"
            | "sequence.editor"
            | "diff.external"
            | "credential.helper"
    ) || key.starts_with("pager.") && base_name(&key) != "pager."
}
