//! The rules: which simple commands, writes and functions are dangerous.
//!
//! Each group has its own file. A rule sees a command with its words expanded and the shell it would
//! run in; it never looks inside wrappers, pipes or scripts, which the [`shell`](crate::shell) has taken apart.

mod bomb;
mod disk;
mod filesystem;
mod git;
mod permissions;
mod remote_code;
mod system;

use rable::Node;

use crate::finding::{Finding, Group, Halt, Outcome};
use crate::shell::Shell;

pub(crate) use filesystem::DELETERS;
pub(crate) use remote_code::{download_targets, is_download};
pub(crate) use system::names_gateway;

/// The rules of one group: a command's name, its words and what is known around it.
type Rules = fn(&str, &[String], &Shell<'_>) -> Option<Finding>;

/// Judges a simple command.
pub(crate) fn judge(name: &str, argv: &[String], shell: &mut Shell<'_>) -> Outcome<()> {
    if shell.rules.is_on(Group::Git) && name == "git" {
        git::judge(argv, shell)?;
    }
    let groups: [(Group, Rules); 4] = [
        (Group::Filesystem, filesystem::judge),
        (Group::Disk, disk::judge),
        (Group::Permissions, permissions::judge),
        (Group::System, system::judge),
    ];
    for (group, judge) in groups {
        if shell.rules.is_on(group)
            && let Some(finding) = judge(name, argv, shell)
        {
            return Err(Halt::Found(finding));
        }
    }
    Ok(())
}

/// Judges paths that are deleted with all that is in them.
pub(crate) fn deleted(paths: &[String], argv: &[String], shell: &Shell<'_>) -> Outcome<()> {
    if !shell.rules.is_on(Group::Filesystem) {
        return Ok(());
    }
    found(filesystem::deleted(
        paths.iter().map(String::as_str),
        argv,
        shell,
    ))
}

/// Judges a file that is written to.
pub(crate) fn written(target: &str, is_added: bool, shell: &Shell<'_>) -> Outcome<()> {
    let argv = [">".to_owned(), target.to_owned()];
    if shell.rules.is_on(Group::Disk) {
        found(disk::written(target, &argv, shell))?;
    }
    if shell.rules.is_on(Group::Filesystem) && !is_added {
        found(filesystem::overwritten(target, &argv, shell))?;
    }
    if shell.rules.is_on(Group::System) {
        found(system::written(target, &argv, shell))?;
    }
    Ok(())
}

/// Judges the start of something that was downloaded.
pub(crate) fn downloaded(argv: &[String], shell: &Shell<'_>) -> Outcome<()> {
    if shell.rules.is_on(Group::RemoteCode) {
        return found(Some(remote_code::finding(argv)));
    }
    Ok(())
}

/// Judges the definition of a function.
pub(crate) fn function(name: &str, body: &Node, shell: &Shell<'_>) -> Outcome<()> {
    if shell.rules.is_on(Group::System) {
        found(bomb::judge(name, body))?;
    }
    Ok(())
}

/// Judges a text that no shell would parse, as a whole.
pub(crate) fn text(text: &str, shell: &Shell<'_>) -> Outcome<()> {
    if shell.rules.is_on(Group::System) {
        found(bomb::in_text(text))?;
    }
    Ok(())
}

/// Judges what a script of another language does to start itself over and over.
pub(crate) fn forks(text: &str, shell: &Shell<'_>) -> Outcome<()> {
    if shell.rules.is_on(Group::System) {
        found(bomb::in_script(text))?;
    }
    Ok(())
}

fn found(finding: Option<Finding>) -> Outcome<()> {
    finding.map_or(Ok(()), |finding| Err(finding.into()))
}
