//! System paths made world-writable or given away.

use sluice_policy_shell::{Base, Options, Path, Scene, marks};

use crate::finding::Finding;

/// Commands that this group judges, to be looked for in long texts.
pub(super) const NAMES: &[&str] = &["chmod", "chown", "chgrp", "setfacl"];

const SYSTEM: &[&str] = &[
    "Library", "System", "bin", "boot", "dev", "etc", "lib", "lib32", "lib64", "proc", "root",
    "sbin", "sys", "usr", "var",
];

/// Folders for the files of services and users. Giving those an owner is daily work.
const OWNED: &[&[&str]] = &[
    &["usr", "local"],
    &["usr", "src"],
    &["usr", "share", "nginx"],
    &["var", "www"],
    &["var", "lib"],
    &["var", "log"],
    &["var", "run"],
    &["var", "cache"],
    &["var", "tmp"],
    &["var", "spool"],
    &["var", "opt"],
    &["dev", "shm"],
    &["root"],
];

pub(super) fn judge(name: &str, argv: &[String], scene: &Scene) -> Option<Finding> {
    match name {
        "chmod" => chmod(argv, scene),
        "chown" | "chgrp" => chown(argv, scene),
        "setfacl" => {
            let options = Options::read(&argv[1..], &["-m", "-x", "-M", "--modify", "--set"]);
            let opens = options
                .values(&["-m", "--modify", "--set"])
                .any(|entry| entry.split(',').any(is_open_entry));
            let target = options
                .operands
                .iter()
                .find(|path| is_system(&scene.path(path)))?;
            opens.then(|| writable(target, argv))
        }
        _ => None,
    }
}

fn chmod(argv: &[String], scene: &Scene) -> Option<Finding> {
    // A mode like `-w` begins as an option does.
    let arguments: Vec<String> = argv[1..]
        .iter()
        .filter(|word| !word.starts_with("--") && *word != "-")
        .filter(|word| !word.starts_with('-') || word.chars().skip(1).all(|c| "Rvcf".contains(c)))
        .cloned()
        .collect();
    let is_recursive = Options::read(&argv[1..], &[]).has(&["-R", "--recursive"]);
    let words: Vec<&String> = arguments
        .iter()
        .filter(|word| !word.starts_with('-'))
        .collect();
    let (mode, targets) = words.split_first()?;
    let opens = is_world_writable(mode);
    targets.iter().find_map(|target| {
        let path = scene.path(target);
        if opens && is_system(&path) {
            return Some(writable(target, argv));
        }
        (is_recursive && is_system_root(&path)).then(|| {
            let shown = marks::display(target);
            let message = format!("This would change the permissions of everything in `{shown}`.");
            Finding::new("permissions.system-path", message, argv)
        })
    })
}

fn chown(argv: &[String], scene: &Scene) -> Option<Finding> {
    let options = Options::read(&argv[1..], &["--from", "--reference"]);
    let (owner, targets) = if options.has(&["--reference"]) {
        ("", options.operands.as_slice())
    } else {
        let (owner, targets) = options.operands.split_first()?;
        (*owner, targets)
    };
    let is_recursive = options.has(&["-R", "--recursive"]);
    let user = owner.split([':', '.']).next().unwrap_or_default();
    let is_roots = matches!(user, "root" | "0" | "") && owner.len() < "root:root:".len();
    let target = targets.iter().find(|target| {
        let path = scene.path(target);
        if is_recursive && is_system_root(&path) {
            return true;
        }
        let is_owned = OWNED
            .iter()
            .any(|prefix| path.is_under(prefix) && path.components.len() >= prefix.len());
        is_system(&path) && !is_owned && !is_roots && !path.components.is_empty()
    })?;
    let shown = marks::display(target);
    let message = format!("This would give `{shown}`, a system path, another owner.");
    Some(Finding::new("permissions.system-owner", message, argv))
}

fn writable(target: &str, argv: &[String]) -> Finding {
    let shown = marks::display(target);
    let message = format!("This would let everyone write to `{shown}`, a system path.");
    Finding::new("permissions.world-writable", message, argv)
}

fn is_system(path: &Path) -> bool {
    let is_temporary = [["var", "tmp"], ["dev", "shm"]]
        .iter()
        .any(|prefix| path.is_under(prefix));
    let is_whole =
        path.base == Base::Root && path.components.first().is_none_or(|first| first == "*");
    let is_system = is_whole || SYSTEM.iter().any(|name| path.is_under(&[name]));
    is_system && !is_temporary
}

/// Whether the path must never be changed as a whole: `/`, `/etc`, `/usr`, `/usr/bin`, …
fn is_system_root(path: &Path) -> bool {
    let mut components = path.components.clone();
    if components.last().is_some_and(|last| last == "*") {
        components.pop();
    }
    let path = Path {
        base: path.base,
        components,
    };
    let is_second = [
        ["usr", "bin"],
        ["usr", "lib"],
        ["usr", "sbin"],
        ["usr", "share"],
        ["var", "lib"],
    ];
    let is_home = path.is_under(&["home"]) || path.is_under(&["Users"]);
    (is_system(&path) && path.components.first().is_none_or(|first| first != "root") || is_home)
        && (path.components.len() <= 1
            || path.components.len() == 2 && is_second.iter().any(|prefix| path.is_under(prefix)))
}

fn is_world_writable(mode: &str) -> bool {
    if mode.len() >= 3 && mode.chars().all(|c| c.is_digit(8)) {
        let last = mode.chars().last().and_then(|c| c.to_digit(8)).unwrap_or(0);
        // With the sticky bit it is the mode of a temporary folder.
        let is_sticky = mode.len() == 4 && mode.starts_with(['1', '3', '5', '7']);
        return last & 2 != 0 && !is_sticky;
    }
    mode.split(',').any(|clause| {
        let Some(at) = clause.find(['+', '=']) else {
            return false;
        };
        let (who, what) = clause.split_at(at);
        who.contains(['o', 'a']) && what.contains('w')
    })
}

fn is_open_entry(entry: &str) -> bool {
    let entry = entry
        .trim_start_matches("d:")
        .trim_start_matches("default:");
    (entry.starts_with("o:") || entry.starts_with("other:")) && entry.contains('w')
}
