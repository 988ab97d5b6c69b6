//! Follows commands that run a command once for each item: `xargs`, `parallel`, `find`.

use super::{Shell, find};
use crate::halt::Outcome;
use crate::marks;

const VALUED: &[&str] = &[
    "-n",
    "-P",
    "-d",
    "-L",
    "-s",
    "-E",
    "-a",
    "-j",
    "--max-args",
    "--max-procs",
    "--delimiter",
    "--arg-file",
    "--jobs",
    "-S",
    "--sshlogin",
];

/// The most items that are followed. Further ones are assumed to be like them.
const MOST: usize = 64;

/// Follows a command that runs others. Returns `None` if it is not one.
pub(super) fn out(
    shell: &mut Shell<'_>,
    name: &str,
    argv: &[String],
    stdin: Option<&str>,
) -> Option<Outcome<String>> {
    match name {
        "xargs" | "gxargs" | "parallel" => Some(xargs(shell, argv, stdin)),
        "find" | "gfind" => Some(find::follow(shell, argv)),
        "fd" | "fdfind" => Some(fd(shell, argv)),
        _ => None,
    }
}

fn xargs(shell: &mut Shell<'_>, argv: &[String], stdin: Option<&str>) -> Outcome<String> {
    let mut placeholder: Option<String> = (argv[0].ends_with("parallel")).then(|| "{}".to_owned());
    let mut at = 1;
    while let Some(argument) = argv.get(at).filter(|argument| argument.starts_with('-')) {
        at += 1;
        match argument.as_str() {
            "--" => break,
            "-I" | "-J" | "--replace" => {
                placeholder = argv.get(at).cloned();
                at += 1;
            }
            "-i" => placeholder = Some("{}".to_owned()),
            attached if attached.starts_with("-I") => placeholder = Some(attached[2..].to_owned()),
            valued if VALUED.contains(&valued) => at += 1,
            _ => {}
        }
    }
    let mut command = argv.get(at..).unwrap_or_default().to_vec();
    let is_parallel = argv[0].ends_with("parallel");
    if is_parallel && (command.is_empty() || command[0] == ":::") {
        // Each is a line of its own.
        let given = command.iter().skip(1).map(String::as_str);
        let lines = given.chain(stdin.unwrap_or_default().lines()).take(MOST);
        for line in lines {
            shell.apart(|shell| shell.run(line, None))?;
        }
        return Ok(marks::unknown());
    }
    if let Some(end) = command.iter().position(|word| word == ":::") {
        let given = command.split_off(end);
        return run_with(shell, &command, &given[1..], placeholder.as_deref());
    }
    let names: Vec<String> = match stdin {
        Some(text) if !text.trim().is_empty() => text
            .split_whitespace()
            .take(MOST)
            .map(str::to_owned)
            .collect(),
        Some(_) => Vec::new(),
        None => vec![marks::unknown()],
    };
    run_with(shell, &command, &names, placeholder.as_deref())
}

/// Follows the command with these items in place of the placeholder, or at its end.
pub(super) fn run_with(
    shell: &mut Shell<'_>,
    command: &[String],
    names: &[String],
    placeholder: Option<&str>,
) -> Outcome<String> {
    if command.is_empty() {
        return Ok(names.join("\n"));
    }
    let has_placeholder = |word: &String| placeholder.is_some_and(|mark| word.contains(mark));
    let argvs: Vec<Vec<String>> = match placeholder {
        Some(mark) if command.iter().any(has_placeholder) => names
            .iter()
            .take(16)
            .map(|name| {
                command
                    .iter()
                    .map(|word| word.replace(mark, name))
                    .collect()
            })
            .collect(),
        _ => vec![command.iter().chain(names).cloned().collect()],
    };
    for argv in argvs {
        shell.apart(|shell| shell.deeper(|shell| shell.command(&argv, None)))?;
    }
    Ok(marks::unknown())
}

fn fd(shell: &mut Shell<'_>, argv: &[String]) -> Outcome<String> {
    let flag = |word: &String| matches!(word.as_str(), "-x" | "-X" | "--exec" | "--exec-batch");
    let Some(at) = argv.iter().position(flag) else {
        return Ok(marks::unknown());
    };
    // The pattern is a regular expression. A plain name is taken for that name.
    let pattern = argv[1..at].iter().find(|word| !word.starts_with('-'));
    let name = pattern.map_or_else(marks::unknown, |pattern| {
        pattern.trim_matches(['^', '$']).replace("\\.", ".")
    });
    run_with(
        shell,
        &argv[at + 1..],
        &[format!("./**/{name}")],
        Some("{}"),
    )
}
