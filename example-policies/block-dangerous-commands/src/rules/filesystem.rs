//! Recursive deletes, and the loss of files that the system needs.

use sluice_policy_shell::{Base, Options, Path, Scene, Write, marks};

use crate::finding::Finding;
use crate::rules::Rules;

use super::windows;

/// Commands that this group judges, to be looked for in long texts.
pub(super) const NAMES: &[&str] = &[
    "rm", "grm", "srm", "rimraf", "del-cli", "mv", "truncate", "rsync",
];

/// Single files without which a system does not start, or nobody can log in.
const CRITICAL: &[&[&str]] = &[
    &["etc", "passwd"],
    &["etc", "shadow"],
    &["etc", "group"],
    &["etc", "gshadow"],
    &["etc", "sudoers"],
    &["etc", "fstab"],
    &["etc", "hosts"],
    &["etc", "ssh", "sshd_config"],
    &["etc", "ld.so.preload"],
];

/// Folders that must not be moved away or deleted file by file.
const CRITICAL_FOLDERS: &[&[&str]] = &[
    &["bin"],
    &["boot"],
    &["etc"],
    &["lib"],
    &["lib64"],
    &["sbin"],
    &["usr"],
    &["usr", "bin"],
    &["usr", "lib"],
    &["usr", "sbin"],
    &["var"],
    &["home"],
    &["root"],
    &["System"],
    &["Library"],
    &["Users"],
];

pub(super) fn judge(name: &str, argv: &[String], scene: &Scene, rules: &Rules) -> Option<Finding> {
    let arguments = &argv[1..];
    match name {
        "rm" | "grm" | "srm" | "unlink" | "shred" => remove(argv, scene, rules),
        "rimraf" | "del-cli" => {
            let options = Options::read(arguments, &[]);
            deleted(options.operands.into_iter(), argv, scene, rules)
        }
        "mv" => {
            let options = Options::read(arguments, &["-t", "-S", "--target-directory", "--suffix"]);
            let (target, sources) = options.operands.split_last()?;
            let is_lost = scene.path(target).is_under(&["dev", "null"]);
            sources.iter().find_map(|source| {
                let path = scene.path(source);
                (is_lost || is_critical(&path)).then(|| lost(source, argv))
            })
        }
        "rsync" => mirror(argv, scene, rules),
        "robocopy" => {
            let has = |own: &str| arguments.iter().any(|word| word.eq_ignore_ascii_case(own));
            let target = arguments
                .iter()
                .filter(|word| !word.starts_with('/'))
                .nth(1)?;
            let is_deleting = (has("/mir") || has("/purge")) && !has("/l");
            is_deleting.then(|| emptied(target, argv, scene, rules))?
        }
        _ => None,
    }
}

fn remove(argv: &[String], scene: &Scene, rules: &Rules) -> Option<Finding> {
    let options = Options::read(&argv[1..], &[]);
    if options.has(&["-r", "-R", "--recursive"]) {
        return deleted(options.operands.into_iter(), argv, scene, rules);
    }
    // `find` and `**` select files in all folders below.
    let swept = options
        .operands
        .iter()
        .filter(|target| target.contains("**"));
    if let Some(finding) = deleted(swept.copied(), argv, scene, rules) {
        return Some(finding);
    }
    let target = options.operands.iter().find(|target| {
        let path = scene.path(target);
        let is_swept = path.components.last().is_some_and(|last| last == "*");
        let folder = Path {
            base: path.base,
            components: path.components[..path.components.len().saturating_sub(1)].to_vec(),
        };
        is_critical_file(&path) || is_swept && (is_critical(&folder) || is_root(&folder))
    })?;
    Some(lost(target, argv))
}

/// Judges paths that are deleted with all that is in them.
pub(super) fn deleted<'a>(
    targets: impl Iterator<Item = &'a str>,
    argv: &[String],
    scene: &Scene,
    rules: &Rules,
) -> Option<Finding> {
    let mut targets = targets.filter(|target| !target.is_empty());
    let target =
        targets.find(|target| !rules.allowed.names(&scene.path(target), scene.system()))?;
    let path = scene.path(target);
    let what = match path.base {
        Base::Root if path.components.is_empty() => "the whole file system".to_owned(),
        Base::Home if path.components.is_empty() => "the home folder".to_owned(),
        Base::Start if path.components.is_empty() => "the project's own folder".to_owned(),
        Base::Above if path.components.is_empty() => "a folder around the project".to_owned(),
        Base::Unknown if path.components.is_empty() => {
            "a path that is only known when it runs".to_owned()
        }
        _ => format!("`{}`", marks::display(target)),
    };
    let message = format!(
        "This would delete {what} with everything in it, and that is not a build output, a cache or \
         a temporary folder."
    );
    Some(Finding::new("filesystem.recursive-delete", message, argv))
}

/// Judges a file whose text is replaced.
pub(super) fn overwritten(write: &Write<'_>) -> Option<Finding> {
    is_critical_file(write.path).then(|| lost(write.target, write.argv))
}

fn mirror(argv: &[String], scene: &Scene, rules: &Rules) -> Option<Finding> {
    let options = Options::read(
        &argv[1..],
        &["-e", "-f", "-T", "-B", "--exclude", "--include"],
    );
    let is_deleting = options.has(&["--delete", "--delete-before", "--delete-after", "--del"]);
    if !is_deleting || options.has(&["-n", "--dry-run"]) {
        return None;
    }
    emptied(options.operands.last()?, argv, scene, rules)
}

/// Judges a folder in which all is deleted that another has not: one that holds more than a copy.
fn emptied(target: &str, argv: &[String], scene: &Scene, rules: &Rules) -> Option<Finding> {
    let path = scene.path(target);
    let is_wide = path.components.is_empty() || is_critical(&path);
    let has_drive = path
        .components
        .first()
        .is_some_and(|first| first.ends_with(':'));
    (is_wide && (has_drive || !target.contains(':')))
        .then(|| deleted([target].into_iter(), argv, scene, rules))?
}

fn lost(target: &str, argv: &[String]) -> Finding {
    let shown = marks::display(target);
    let message = format!("This would lose `{shown}`, which the system cannot do without.");
    Finding::new("filesystem.system-path", message, argv)
}

fn is_root(path: &Path) -> bool {
    path.base == Base::Root && path.components.is_empty()
}

fn is_critical_file(path: &Path) -> bool {
    CRITICAL.iter().any(|file| path.is_under(file)) || windows::is_system_file(path)
}

fn is_critical(path: &Path) -> bool {
    is_root(path)
        || path.base == Base::Home && path.components.is_empty()
        || is_critical_file(path)
        || CRITICAL_FOLDERS
            .iter()
            .any(|folder| path.is_under(folder) && path.components.len() == folder.len())
        || windows::is_system_folder(path)
}
