//! Reads which script the arguments of PowerShell name.

use crate::base64;

/// Where PowerShell finds its script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Program {
    Text(String),
    /// A file, and its arguments.
    File(String),
    Stdin,
}

/// Options that take a value as the next word.
const VALUED: &[&str] = &[
    "executionpolicy",
    "ep",
    "windowstyle",
    "version",
    "inputformat",
    "outputformat",
    "configurationname",
    "psconsolefile",
    "workingdirectory",
    "wd",
    "custompipename",
    "settingsfile",
    "configurationfile",
];

/// What the arguments of `powershell` or `pwsh` make it run.
pub(crate) fn program(arguments: &[String]) -> Program {
    let mut at = 0;
    while let Some(argument) = arguments.get(at) {
        let rest = arguments.get(at + 1..).unwrap_or_default();
        let Some(option) = option(argument) else {
            let is_file = argument.to_lowercase().ends_with(".ps1");
            return match argument.as_str() {
                "-" => Program::Stdin,
                file if is_file => Program::File(file.to_owned()),
                _ => Program::Text(arguments[at..].join(" ")),
            };
        };
        let is =
            |name: &str, shortest: usize| option.len() >= shortest && name.starts_with(&option);
        if is("command", 1) || is("commandwithargs", 9) || option == "cwa" {
            return match rest {
                [dash] if dash == "-" => Program::Stdin,
                _ => Program::Text(rest.join(" ")),
            };
        }
        if is("encodedcommand", 1) || option == "ec" {
            let encoded = rest.first().map(String::as_str).unwrap_or_default();
            return Program::Text(base64::text(encoded));
        }
        if is("file", 1) {
            return match rest.first().map(String::as_str) {
                None | Some("-") => Program::Stdin,
                Some(file) => Program::File(file.to_owned()),
            };
        }
        let is_valued = VALUED.iter().any(|name| is(name, 2)) || option == "w";
        at += 1 + usize::from(is_valued);
    }
    Program::Stdin
}

/// The name of an option in lower case.
fn option(argument: &str) -> Option<String> {
    let name = argument
        .strip_prefix("--")
        .or_else(|| argument.strip_prefix(['-', '/', '–', '—']))?;
    let is_name = !name.is_empty() && name.chars().all(char::is_alphabetic);
    is_name.then(|| name.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_is_found() {
        let text = |text: &str| Program::Text(text.to_owned());
        for (line, expected) in [
            ("-Command ls -r", text("ls -r")),
            ("-NoProfile -ExecutionPolicy Bypass -c ls", text("ls")),
            ("-nop -ep bypass -w hidden -enc bABzAA==", text("ls")),
            ("ls", text("ls")),
            ("/c ls", text("ls")),
            ("-File a.ps1 b", Program::File("a.ps1".to_owned())),
            ("a.ps1 b", Program::File("a.ps1".to_owned())),
            ("-Command -", Program::Stdin),
            ("-NoLogo", Program::Stdin),
            ("", Program::Stdin),
        ] {
            let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
            assert_eq!(program(&words), expected, "{line}");
        }
    }
}
