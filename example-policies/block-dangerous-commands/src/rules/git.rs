//! Uncommitted work or published history thrown away.

mod checkout;

use sluice_policy_shell::{Options, Scene};

use crate::finding::Finding;
use crate::rules::Rules;

/// Options before the subcommand that take a value.
const GLOBAL: &[&str] = &[
    "-C",
    "-c",
    "--git-dir",
    "--work-tree",
    "--namespace",
    "--config-env",
];

const UNTRACKED: &str =
    "This would delete files that git does not track, which nothing can bring back.";

/// Judges a `git` command.
pub(super) fn judge(argv: &[String], scene: &Scene, rules: &Rules) -> Option<Finding> {
    let mut at = 1;
    while let Some(word) = argv.get(at).filter(|word| word.starts_with('-')) {
        at += 1 + usize::from(GLOBAL.contains(&word.as_str()));
    }
    let verb = argv.get(at)?;
    match loss(verb, &argv[at + 1..], scene, rules) {
        None if verb == "clean" && is_unforced(&argv[1..at]) => {
            Some(Finding::new("git.clean", UNTRACKED.to_owned(), argv))
        }
        loss => loss.map(|(rule, message)| Finding::new(rule, message, argv)),
    }
}

fn loss(
    verb: &str,
    arguments: &[String],
    scene: &Scene,
    rules: &Rules,
) -> Option<(&'static str, String)> {
    if matches!(arguments.first().map(String::as_str), Some("-h" | "--help")) {
        return None;
    }
    let options = Options::read(arguments, valued(verb));
    let first = options.operands.first().copied();
    let said = |rule, message: &str| Some((rule, message.to_owned()));
    let uncommitted = "This would throw away uncommitted changes for good.";
    match verb {
        "reset" if options.has(&["--hard", "--merge"]) => said("git.hard-reset", uncommitted),
        "checkout" if checkout::overwrites(&options) => {
            said("git.overwriting-checkout", uncommitted)
        }
        "checkout-index" if options.has(&["-f", "--force"]) => {
            said("git.overwriting-checkout", uncommitted)
        }
        "read-tree" if options.has(&["--reset"]) && options.has(&["-u"]) => {
            said("git.hard-reset", uncommitted)
        }
        "restore" => {
            let is_index_only =
                options.has(&["-S", "--staged"]) && !options.has(&["-W", "--worktree"]);
            (!is_index_only && first.is_some()).then(|| ("git.restore", uncommitted.to_owned()))
        }
        "switch" if options.has(&["-f", "--force", "--discard-changes"]) => {
            said("git.forced-switch", uncommitted)
        }
        "clean" if cleans(&options, scene, rules) => said("git.clean", UNTRACKED),
        "stash" if matches!(first, Some("drop" | "clear")) => said(
            "git.stash-drop",
            "This would throw away stashed changes for good.",
        ),
        "branch"
            if options.has(&["-D"])
                || options.has(&["-d", "--delete"]) && options.has(&["-f", "--force"]) =>
        {
            said(
                "git.branch-delete",
                "This would delete a branch even if its commits are nowhere else.",
            )
        }
        "push" if !options.has(&["-n", "--dry-run"]) => push(&options),
        "worktree" if first == Some("remove") && options.has(&["-f", "--force"]) => {
            said("git.worktree-remove", uncommitted)
        }
        "submodule" if first == Some("deinit") && options.has(&["-f", "--force"]) => {
            said("git.worktree-remove", uncommitted)
        }
        "rm" if options.has(&["-r"])
            && options.has(&["-f", "--force"])
            && !options.has(&["--cached", "-n", "--dry-run"]) =>
        {
            said("git.forced-remove", uncommitted)
        }
        _ => history_loss(verb, &options),
    }
}

/// What a command loses of the history itself, not of the work tree.
fn history_loss(verb: &str, options: &Options<'_>) -> Option<(&'static str, String)> {
    let first = options.operands.first().copied();
    let said = |rule, message: &str| Some((rule, message.to_owned()));
    match verb {
        "reflog"
            if matches!(first, Some("expire" | "delete")) && !options.has(&["-n", "--dry-run"]) =>
        {
            said(
                "git.reflog-expire",
                "This would delete git's own record of where branches were.",
            )
        }
        "gc" if options
            .values(&["--prune"])
            .any(|value| value == "now" || value == "all") =>
        {
            said(
                "git.reflog-expire",
                "This would delete every commit that no branch names.",
            )
        }
        "filter-branch" | "filter-repo" => said(
            "git.rewrite-history",
            "This would rewrite the whole history of the repository.",
        ),
        "update-ref" if options.has(&["-d"]) => said(
            "git.branch-delete",
            "This would delete a branch even if its commits are nowhere else.",
        ),
        _ => None,
    }
}

fn valued(verb: &str) -> &'static [&'static str] {
    match verb {
        "checkout" => &["-b", "-B", "--orphan", "--conflict", "--pathspec-from-file"],
        "restore" => &["-s", "--source"],
        "clean" => &["-e", "--exclude"],
        "push" => &["-o", "--push-option", "--repo", "--receive-pack", "--exec"],
        "gc" => &[],
        _ => &[],
    }
}

fn cleans(options: &Options<'_>, scene: &Scene, rules: &Rules) -> bool {
    let is_allowed = !options.operands.is_empty()
        && options
            .operands
            .iter()
            .all(|path| rules.allowed.names(&scene.path(path), scene.system()));
    options.has(&["-f", "--force"]) && !options.has(&["-n", "--dry-run"]) && !is_allowed
}

fn push(options: &Options<'_>) -> Option<(&'static str, String)> {
    let is_forced = options.has(&["-f", "--force", "--mirror"])
        || options
            .operands
            .iter()
            .skip(1)
            .any(|refspec| refspec.starts_with('+'));
    if is_forced {
        let message = "This would overwrite commits that others have already been given.";
        return Some(("git.forced-push", message.to_owned()));
    }
    let is_deletion = options.has(&["-d", "--delete", "--prune"])
        || options
            .operands
            .iter()
            .skip(1)
            .any(|refspec| refspec.len() > 1 && refspec.starts_with(':'));
    let message = "This would delete a branch or tag of the remote repository.";
    is_deletion.then(|| ("git.remote-delete", message.to_owned()))
}

/// Whether the settings let `git clean` run without `--force`.
fn is_unforced(settings: &[String]) -> bool {
    settings
        .iter()
        .any(|setting| setting.eq_ignore_ascii_case("clean.requireForce=false"))
}
