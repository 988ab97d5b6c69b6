//! Follows the commands that `git` itself runs: aliases, `rebase --exec`, `bisect run`, `submodule
//! foreach`.

use super::{Shell, tasks};
use crate::halt::Outcome;
use crate::options::Options;

/// Options before the subcommand that take a value.
const VALUED: &[&str] = &[
    "-C",
    "-c",
    "--git-dir",
    "--work-tree",
    "--namespace",
    "--config-env",
];

/// Follows the commands that a `git` command runs. Returns whether it was an alias and nothing
/// else.
pub(super) fn follow(shell: &mut Shell<'_>, argv: &[String]) -> Outcome<bool> {
    let mut at = 1;
    let mut aliases = Vec::new();
    while let Some(word) = argv.get(at).filter(|word| word.starts_with('-')) {
        if let Some(setting) = argv.get(at + 1).filter(|_| word == "-c")
            && let Some((name, text)) = setting.split_once('=')
        {
            if let Some(name) = name.strip_prefix("alias.") {
                aliases.push((name, text.to_owned()));
            } else if tasks::is_command_of_git(name) {
                let command = text.trim_start_matches('!');
                shell.apart(|shell| shell.run(command, None))?;
            }
        }
        at += 1 + usize::from(VALUED.contains(&word.as_str()));
    }
    let Some(verb) = argv.get(at) else {
        return Ok(false);
    };
    let arguments = &argv[at + 1..];
    if let Some(text) = shell.scene.assigned(&format!("git.alias.{verb}")) {
        aliases.push((verb, text.first()));
    }
    if verb == "config" {
        tasks::set_of_git(shell, arguments);
    }
    tasks::hooks(shell, verb, arguments)?;
    let alias = aliases.iter().find(|(name, _)| name == verb);
    let line = match alias {
        Some((_, text)) => Some(match text.strip_prefix('!') {
            Some(command) => command.to_owned(),
            None => format!("git {text} {}", arguments.join(" ")),
        }),
        None => inner(verb, arguments),
    };
    if let Some(line) = line {
        shell.apart(|shell| shell.run(&line, None))?;
    }
    Ok(alias.is_some())
}

/// The command that a subcommand of git runs.
fn inner(verb: &str, arguments: &[String]) -> Option<String> {
    match (verb, arguments.first().map(String::as_str)) {
        ("submodule", Some("foreach")) => {
            let options = arguments[1..]
                .iter()
                .take_while(|word| word.starts_with('-'))
                .count();
            Some(arguments[1 + options..].join(" "))
        }
        ("bisect", Some("run")) => Some(arguments[1..].join(" ")),
        ("rebase", _) => {
            let options = Options::read(arguments, &["-x", "--exec", "--onto", "-s", "-X"]);
            options.value(&["-x", "--exec"]).map(str::to_owned)
        }
        _ => None,
    }
}
