//! Shutdowns, and the end of the gateway itself.

use regex_lite::Regex;
use sluice_policy_shell::{Command, Options, Write, base_name, marks};

use crate::finding::Finding;
use crate::rules::Rules;

/// Commands that this group judges, to be looked for in long texts.
pub(super) const NAMES: &[&str] = &[
    "kill",
    "pkill",
    "killall",
    "shutdown",
    "reboot",
    "halt",
    "poweroff",
    "systemctl",
    "service",
];

/// Stands for the gateway's process id in a command's output.
const GATEWAY: char = marks::OWN;

pub(super) fn judge(name: &str, argv: &[String], rules: &Rules) -> Option<Finding> {
    let arguments = &argv[1..];
    match name {
        "kill" => kill(argv),
        "pkill" | "killall" => {
            let is_list = arguments.iter().any(|word| word == "-l" || word == "-0");
            if is_list {
                None
            } else if names_gateway(arguments, rules) {
                Some(gateway(argv))
            } else {
                names_everybody(arguments).then(|| everything(argv))
            }
        }
        "killall5" => Some(everything(argv)),
        "systemctl" | "service" | "rc-service" | "launchctl" | "initctl" | "supervisorctl"
        | "brew" | "snap" | "pm2" => service(name, argv, rules),
        "docker" | "podman" | "nerdctl" | "docker-compose" | "kubectl" => container(argv, rules),
        "shutdown" => {
            let harmless = ["-c", "-k", "/a", "/?", "/l"];
            let is_harmless = arguments
                .iter()
                .any(|word| harmless.contains(&word.as_str()));
            (!is_harmless).then(|| shutdown(argv))
        }
        "reboot" | "halt" | "poweroff" => Some(shutdown(argv)),
        "init" | "telinit" => {
            let level = arguments.first().map(String::as_str);
            matches!(level, Some("0" | "6")).then(|| shutdown(argv))
        }
        _ => None,
    }
}

/// Judges a file that is written to.
pub(super) fn written(write: &Write<'_>) -> Option<Finding> {
    write
        .path
        .is_under(&["proc", "sysrq-trigger"])
        .then(|| shutdown(write.argv))
}

/// Returns the output of a command that looks for the gateway's process.
pub(super) fn prints(command: &Command<'_>, rules: &Rules) -> Option<String> {
    let arguments = &command.argv[1..];
    let is_found = match command.name {
        "pgrep" | "pidof" => names_gateway(arguments, rules),
        "grep" | "egrep" | "awk" => picks_gateway(arguments, command.stdin, rules),
        _ => false,
    };
    is_found.then(|| GATEWAY.to_string())
}

/// Whether it filters a list of processes for the gateway.
fn picks_gateway(arguments: &[String], stdin: Option<&str>, rules: &Rules) -> bool {
    // `grep [s]luice` does not match itself.
    let has_name = |word: &String| {
        let word = word.replace(['[', ']'], "");
        let mut names = rules.gateway_names.iter();
        names.any(|name| word.contains(name.as_str()))
    };
    stdin.is_some_and(marks::is_open)
        && arguments.iter().any(has_name)
        && !arguments.iter().any(|flag| flag == "-v")
}

/// Whether one of the words names the gateway's process.
fn names_gateway(words: &[String], rules: &Rules) -> bool {
    let options = Options::read(
        words,
        &["-s", "-u", "-U", "-g", "-G", "-P", "-t", "-o", "-y", "-d"],
    );
    options.operands.iter().any(|word| {
        let pattern = Regex::new(&format!("(?i){word}"));
        rules.gateway_names.iter().any(|gateway| {
            word.contains(gateway.as_str())
                || pattern
                    .as_ref()
                    .is_ok_and(|pattern| pattern.is_match(gateway))
        })
    })
}

/// Whether all processes of a user are meant, and none by name.
fn names_everybody(words: &[String]) -> bool {
    let valued = [
        "-s", "-u", "-U", "-g", "-G", "-P", "-t", "-o", "-y", "-d", "--user", "--euid",
    ];
    let options = Options::read(words, &valued);
    let is_by_user = options.has(&["-u", "-U", "--user", "--euid"]);
    is_by_user && options.operands.is_empty() && !options.has(&["-P", "-g", "-t", "-f"])
}

fn kill(argv: &[String]) -> Option<Finding> {
    let arguments = &argv[1..];
    if arguments.iter().any(|word| word == "-l" || word == "-0") {
        return None;
    }
    if arguments.iter().any(|word| word.contains(GATEWAY)) {
        return Some(gateway(argv));
    }
    // `kill -1` alone sends a signal to nobody. Behind a signal, `-1` means all processes.
    let is_signalled = arguments.first().is_some_and(|word| word.starts_with('-'));
    let targets = arguments.get(1..).unwrap_or_default();
    let is_everyone = is_signalled && targets.iter().any(|word| word == "-1");
    let is_init = arguments.iter().any(|word| word == "1")
        && !arguments.iter().any(|word| word == "-s" || word == "-n");
    (is_everyone || is_init).then(|| everything(argv))
}

fn service(name: &str, argv: &[String], rules: &Rules) -> Option<Finding> {
    let arguments = &argv[1..];
    let verbs: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let ends = [
        "reboot",
        "poweroff",
        "halt",
        "kexec",
        "suspend",
        "hibernate",
        "isolate",
        "rescue",
        "emergency",
    ];
    if name == "systemctl" && verbs.iter().any(|verb| ends.contains(verb)) {
        return Some(shutdown(argv));
    }
    let stops = [
        "stop",
        "kill",
        "disable",
        "mask",
        "restart",
        "try-restart",
        "bootout",
        "unload",
        "remove",
        "delete",
        "uninstall",
        "revert",
    ];
    let is_gateway = |word: &&str| {
        rules
            .gateway_names
            .iter()
            .any(|gateway| word.contains(gateway.as_str()))
    };
    let is_stop = verbs.iter().any(|verb| stops.contains(verb));
    (is_stop && verbs.iter().any(is_gateway)).then(|| gateway(argv))
}

fn container(argv: &[String], rules: &Rules) -> Option<Finding> {
    let stops = ["stop", "kill", "rm", "pause", "restart", "delete", "scale"];
    let is_stop = argv[1..].iter().any(|word| stops.contains(&word.as_str()));
    let is_gateway = argv[1..].iter().any(|word| {
        let name = base_name(word);
        rules
            .gateway_names
            .iter()
            .any(|gateway| name.contains(gateway.as_str()))
    });
    (is_stop && is_gateway).then(|| gateway(argv))
}

pub(super) fn gateway(argv: &[String]) -> Finding {
    let message = "This would stop the gateway that this conversation runs through.";
    Finding::new("system.kill-gateway", message.to_owned(), argv)
}

fn everything(argv: &[String]) -> Finding {
    let message = "This would kill every process of the machine, the gateway among them.";
    Finding::new("system.kill-all", message.to_owned(), argv)
}

fn shutdown(argv: &[String]) -> Finding {
    let message = "This would shut the machine down or restart it.";
    Finding::new("system.shutdown", message.to_owned(), argv)
}
