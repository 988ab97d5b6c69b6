//! Shutdowns, and the end of the gateway itself.

use regex_lite::Regex;

use crate::finding::Finding;
use crate::marks::GATEWAY;
use crate::options::Options;
use crate::path::base_name;
use crate::shell::Shell;

pub(super) fn judge(name: &str, argv: &[String], shell: &Shell<'_>) -> Option<Finding> {
    let arguments = &argv[1..];
    match name {
        "kill" => kill(argv),
        "pkill" | "killall" => {
            let is_list = arguments.iter().any(|word| word == "-l" || word == "-0");
            (!is_list && names_gateway(arguments, shell)).then(|| gateway(argv))
        }
        "killall5" => Some(everything(argv)),
        "systemctl" | "service" | "rc-service" | "launchctl" | "initctl" | "supervisorctl"
        | "brew" | "snap" | "pm2" => service(name, argv, shell),
        "docker" | "podman" | "nerdctl" | "docker-compose" | "kubectl" => container(argv, shell),
        "shutdown" => {
            let is_harmless = arguments.iter().any(|word| word == "-c" || word == "-k");
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
pub(super) fn written(target: &str, argv: &[String], shell: &Shell<'_>) -> Option<Finding> {
    shell
        .path(target)
        .is_under(&["proc", "sysrq-trigger"])
        .then(|| shutdown(argv))
}

/// Whether one of the words names the gateway's process.
pub(crate) fn names_gateway(words: &[String], shell: &Shell<'_>) -> bool {
    let options = Options::read(
        words,
        &["-s", "-u", "-U", "-g", "-G", "-P", "-t", "-o", "-y", "-d"],
    );
    options.operands.iter().any(|word| {
        let pattern = Regex::new(&format!("(?i){word}"));
        shell.rules.gateway_names.iter().any(|gateway| {
            word.contains(gateway.as_str())
                || pattern
                    .as_ref()
                    .is_ok_and(|pattern| pattern.is_match(gateway))
        })
    })
}

fn kill(argv: &[String]) -> Option<Finding> {
    let arguments = &argv[1..];
    if arguments.iter().any(|word| word == "-l" || word == "-0") {
        return None;
    }
    if arguments.iter().any(|word| word.contains(GATEWAY)) {
        return Some(gateway(argv));
    }
    // `kill -1` alone sends a signal to nobody; behind a signal, `-1` is everybody.
    let is_signalled = arguments.first().is_some_and(|word| word.starts_with('-'));
    let targets = arguments.get(1..).unwrap_or_default();
    let is_everyone = is_signalled && targets.iter().any(|word| word == "-1");
    let is_init = arguments.iter().any(|word| word == "1")
        && !arguments.iter().any(|word| word == "-s" || word == "-n");
    (is_everyone || is_init).then(|| everything(argv))
}

fn service(name: &str, argv: &[String], shell: &Shell<'_>) -> Option<Finding> {
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
        shell
            .rules
            .gateway_names
            .iter()
            .any(|gateway| word.contains(gateway.as_str()))
    };
    let is_stop = verbs.iter().any(|verb| stops.contains(verb));
    (is_stop && verbs.iter().any(is_gateway)).then(|| gateway(argv))
}

fn container(argv: &[String], shell: &Shell<'_>) -> Option<Finding> {
    let stops = ["stop", "kill", "rm", "pause", "restart", "delete", "scale"];
    let is_stop = argv[1..].iter().any(|word| stops.contains(&word.as_str()));
    let is_gateway = argv[1..].iter().any(|word| {
        let name = base_name(word);
        shell
            .rules
            .gateway_names
            .iter()
            .any(|gateway| name.contains(gateway.as_str()))
    });
    (is_stop && is_gateway).then(|| gateway(argv))
}

fn gateway(argv: &[String]) -> Finding {
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
