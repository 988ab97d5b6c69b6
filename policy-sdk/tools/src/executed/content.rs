//! What a text must contain so that writing it to such a file runs something.

/// What a text must contain to matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Needs {
    /// Any text matters.
    Anything,
    /// Any text, except one of Git's samples, which nothing runs.
    NoSample,
    /// A command that SSH runs.
    SshCommand,
    /// A command that Git runs.
    GitCommand,
    /// A setting that lets an agent act without asking.
    Approval,
    /// A task that runs when the folder is opened.
    FolderOpen,
    /// A script that runs when a package is installed.
    InstallScript,
    /// A program that Cargo runs.
    CargoProgram,
}

/// Whether the text has what is needed. For an unknown text, whether any text would do.
pub(super) fn has(content: Option<&str>, needs: Needs) -> bool {
    if matches!(needs, Needs::Anything | Needs::NoSample) {
        return true;
    }
    let Some(content) = content else {
        return false;
    };
    let content = content.to_lowercase();
    let has = |word: &&str| content.contains(*word);
    match needs {
        Needs::Anything | Needs::NoSample => true,
        Needs::SshCommand => ["proxycommand", "localcommand", "knownhostscommand", "exec "]
            .iter()
            .any(has),
        Needs::GitCommand => names_git_command(&content),
        Needs::Approval => ["autoapprove", "yolo", "allowedcommands"].iter().any(has),
        Needs::FolderOpen => has(&"folderopen"),
        Needs::InstallScript => has_install_script(&content),
        Needs::CargoProgram => ["runner", "rustc-wrapper", "rustc =", "linker", "[alias]"]
            .iter()
            .any(has),
    }
}

/// Keys of Git's configuration whose values are commands.
const GIT_KEYS: &[&str] = &[
    "hookspath",
    "fsmonitor",
    "sshcommand",
    "gitproxy",
    "askpass",
    "textconv",
    "templatedir",
    "gpg.program",
];

/// Whether the lines of a configuration of Git name a command that it runs.
fn names_git_command(content: &str) -> bool {
    let mut section = String::new();
    content.lines().any(|line| {
        if let Some(name) = line.trim().strip_prefix('[') {
            section = name.split([' ', ']']).next().unwrap_or(name).to_owned();
        }
        let Some((key, value)) = line.split_once('=') else {
            return false;
        };
        let key = key.rsplit([' ', '\t', ']']).find(|word| !word.is_empty());
        is_git_command(
            &format!("{section}.{}", key.unwrap_or_default()),
            value.trim(),
        )
    })
}

/// Whether Git runs the value of this key. Both are in lower case.
pub fn is_git_command(key: &str, value: &str) -> bool {
    let value = value.trim_matches(['"', '\'', ' ']);
    let last = key.rsplit('.').next().unwrap_or(key);
    if value.starts_with('!') {
        // An alias runs when somebody types it, and no sooner.
        return !key.starts_with("alias.");
    }
    let is_switch = matches!(value, "true" | "false" | "" | "1" | "0");
    let names_one = GIT_KEYS
        .iter()
        .any(|own| key.ends_with(own) || last == *own);
    let is_filter = key.starts_with("filter.")
        && matches!(last, "clean" | "smudge" | "process")
        && !value.starts_with("git-lfs");
    let is_driver = key == "diff.external" || key.starts_with("merge.") && last == "driver";
    // Everybody sets the name of a program; anything more is a command.
    let is_line = value.contains(['|', ';', '&', '$', '`', '/'])
        && matches!(last, "pager" | "editor" | "cmd" | "helper")
        && !value.starts_with("/usr/");
    (names_one && !is_switch) || is_filter || is_driver || is_line
}

/// Scripts of packages that run with an installation.
const INSTALL_SCRIPTS: &[&str] = &[
    "\"preinstall\"",
    "\"install\"",
    "\"postinstall\"",
    "\"prepare\"",
    "\"preprepare\"",
    "\"postprepare\"",
    "\"prepublish\"",
    "\"post-install-cmd\"",
    "\"pre-install-cmd\"",
    "\"post-autoload-dump\"",
    "\"post-update-cmd\"",
];

fn has_install_script(content: &str) -> bool {
    INSTALL_SCRIPTS.iter().any(|name| {
        content.match_indices(name).any(|(at, name)| {
            let behind = content[at + name.len()..].trim_start();
            let value = behind.strip_prefix(':').map(str::trim_start);
            value.is_some_and(|value| value.starts_with(['"', '[']))
        })
    })
}
