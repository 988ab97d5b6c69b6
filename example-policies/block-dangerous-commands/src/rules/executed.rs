//! Writes that lead to execution: files that something runs later, and commands that set such files
//! up.

use sluice_policy_shell::{Command, Path, Scene, Way, Write, marks};
use sluice_policy_tools::{Executed, Trigger, Written, executed, is_git_command, patched};

use crate::finding::{Finding, Group};
use crate::rules::Rules;

/// Commands that this group judges, to be looked for in long texts.
pub(super) const NAMES: &[&str] = &[
    "crontab",
    "schtasks",
    "ssh-copy-id",
    "tee",
    "cp",
    "ln",
    "install",
    "sed",
];

/// Judges a file that a command writes.
pub(super) fn written(write: &Write<'_>, rules: &Rules) -> Option<Finding> {
    let is_emptied = write.content == Some("") && write.way != Way::Edit;
    if is_emptied || only_deletes_lines(write) {
        return None;
    }
    let target = marks::display(write.target);
    judge(write.path, write.content, &target, write.argv, rules)
}

/// Judges a file that a tool call writes.
pub(crate) fn by_call(written: &Written, rules: &Rules) -> Option<Finding> {
    let content = written.content.as_deref();
    let argv = ["write".to_owned(), written.path.clone()];
    judge(&written.to_path(), content, &written.path, &argv, rules)
}

fn judge(
    path: &Path,
    content: Option<&str>,
    target: &str,
    argv: &[String],
    rules: &Rules,
) -> Option<Finding> {
    let counts = |trigger| rules.is_on(group(trigger));
    let Executed { trigger, what } = executed(path, content, counts)?;
    let message = format!("This would write to `{target}`, which {what}.");
    Some(finding(group(trigger), message, argv))
}

/// Judges a command that makes something run later.
pub(super) fn command(command: &Command<'_>, scene: &Scene, rules: &Rules) -> Option<Finding> {
    let argv = command.argv;
    let (group, what) = match command.name {
        "crontab" if sets_crontab(command) => (Group::Startup, "set a schedule for commands"),
        "at" | "batch" if !has_any(argv, &["-l", "-r", "-d", "-c", "-V"]) => {
            (Group::Startup, "have commands run later, when nobody looks")
        }
        "schtasks" if has_any(argv, &["/create", "/change"]) => {
            (Group::Startup, "set a schedule for commands")
        }
        "register-scheduledtask" | "set-scheduledtask" | "register-scheduledjob" => {
            (Group::Startup, "set a schedule for commands")
        }
        "new-service" => (Group::Startup, "add a service that starts with the machine"),
        "sc" if has_any(argv, &["create"]) => {
            (Group::Startup, "add a service that starts with the machine")
        }
        "reg" if has_any(argv, &["add", "import", "restore"]) && names_run_key(argv) => {
            (Group::Startup, "have something run at every login")
        }
        "set-itemproperty" | "new-itemproperty" | "set-item" if names_run_key(argv) => {
            (Group::Startup, "have something run at every login")
        }
        "ssh-copy-id" => (Group::Startup, "let whoever holds the key log in"),
        "git" => return git_config(argv, rules),
        "npm" | "pnpm" | "yarn" if sets_script(argv) => (
            Group::ProjectHooks,
            "have a script run whenever the package is installed",
        ),
        "claude" | "codex" | "gemini" | "qwen" | "opencode" | "copilot" | "cursor-agent"
            if sets_agent(argv) =>
        {
            (
                Group::AgentSettings,
                "change which programs an agent starts",
            )
        }
        "apply_patch" | "applypatch" | "patch" => return by_patch(command, scene, rules),
        _ => return None,
    };
    rules
        .is_on(group)
        .then(|| finding(group, format!("This would {what}."), argv))
}

/// Judges the files that a patch writes.
fn by_patch(command: &Command<'_>, scene: &Scene, rules: &Rules) -> Option<Finding> {
    patched(command, scene).find_map(|file| {
        let path = scene.path(&file.path);
        let content = file.content.as_deref();
        judge(&path, content, &file.path, command.argv, rules)
    })
}

fn sets_crontab(command: &Command<'_>) -> bool {
    let mut words = command.argv.iter().skip(1);
    let mut is_set = command.argv.len() == 1 && command.stdin.is_some();
    while let Some(word) = words.next() {
        match word.as_str() {
            "-l" | "-r" | "-e" | "-V" | "-h" => return false,
            "-u" | "-n" | "-s" | "-c" => {
                words.next();
                is_set |= command.stdin.is_some();
            }
            _ => is_set = true,
        }
    }
    is_set
}

/// `git config KEY VALUE`, and its newer form `git config set KEY VALUE`. Also `git apply`.
fn git_config(argv: &[String], rules: &Rules) -> Option<Finding> {
    let at = argv.iter().position(|word| word == "config")?;
    let mut rest = argv.get(at + 1..)?.iter().map(String::as_str).peekable();
    let mut is_global = false;
    let mut operands = Vec::new();
    while let Some(word) = rest.next() {
        match word {
            "--global" | "--system" => is_global = true,
            "-f" | "--file" | "--blob" | "--type" => {
                rest.next();
            }
            word if word.starts_with("--get") || word.starts_with("--unset") => return None,
            "--list" | "-l" | "--edit" | "-e" => return None,
            word if word.starts_with('-') && operands.is_empty() => {}
            word => operands.push(word),
        }
    }
    if operands.first() == Some(&"set") {
        operands.remove(0);
    }
    let [key, value, ..] = operands.as_slice() else {
        return None;
    };
    let group = if is_global {
        Group::Startup
    } else {
        Group::ProjectHooks
    };
    let is_command = is_git_command(&key.to_lowercase(), &value.to_lowercase());
    (is_command && rules.is_on(group)).then(|| {
        let message = format!(
            "This would have Git run `{}` with other commands.",
            marks::display(value)
        );
        finding(group, message, argv)
    })
}

fn names_run_key(argv: &[String]) -> bool {
    let parts = [
        "\\currentversion\\run",
        "\\currentversion\\policies\\explorer\\run",
        "\\winlogon",
        "\\image file execution options",
        "\\currentcontrolset\\services\\",
        "\\active setup\\",
        "appinit_dlls",
    ];
    argv.iter().any(|word| {
        let word = word.to_lowercase().replace('/', "\\");
        parts.iter().any(|part| word.contains(part))
    })
}

/// `npm pkg set scripts.postinstall=…`.
fn sets_script(argv: &[String]) -> bool {
    let names = ["preinstall", "install", "postinstall", "prepare"];
    let is_set = has_any(argv, &["set", "set-script"]);
    let names_one = argv.iter().any(|word| {
        let name = word.strip_prefix("scripts.").unwrap_or(word);
        let name = name.split('=').next().unwrap_or(name);
        names.contains(&name) && (word.starts_with("scripts.") || has_any(argv, &["set-script"]))
    });
    is_set && names_one
}

/// `claude mcp add …`, `codex mcp add …`.
fn sets_agent(argv: &[String]) -> bool {
    let verb = |at: usize| argv.get(at).map(String::as_str).unwrap_or_default();
    matches!(verb(1), "mcp" | "config" | "plugin" | "extensions")
        && (verb(2).starts_with("add") || matches!(verb(2), "set" | "install" | "link"))
}

/// `sed -i '/x/d'` removes lines and adds none.
fn only_deletes_lines(write: &Write<'_>) -> bool {
    let is_sed = write
        .argv
        .first()
        .is_some_and(|first| first.ends_with("sed"));
    let mut scripts = write
        .argv
        .iter()
        .skip(1)
        .filter(|word| !word.starts_with('-') && *word != write.target);
    write.way == Way::Edit
        && is_sed
        && scripts.next().is_some_and(|script| {
            let script = script.trim();
            script.ends_with('d') && !script.contains([';', '\n', '}']) && !script.starts_with('s')
        })
}

fn has_any(argv: &[String], words: &[&str]) -> bool {
    argv.iter()
        .skip(1)
        .any(|word| words.iter().any(|own| word.eq_ignore_ascii_case(own)))
}

/// The group whose rules are about files that this makes run.
fn group(trigger: Trigger) -> Group {
    match trigger {
        Trigger::Startup => Group::Startup,
        Trigger::Agent => Group::AgentSettings,
        Trigger::Project => Group::ProjectHooks,
    }
}

fn finding(group: Group, message: String, argv: &[String]) -> Finding {
    let rule = match group {
        Group::AgentSettings => "agent-settings.write",
        Group::ProjectHooks => "project-hooks.write",
        _ => "startup.write",
    };
    Finding::new(rule, message, argv)
}
