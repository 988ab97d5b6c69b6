//! The rules: which simple commands, writes and functions are dangerous.
//!
//! Each group has its own file. A rule sees a command with its words expanded, and the scene around
//! it. It never looks inside wrappers, pipes or scripts, because the follower has already done so.

mod bomb;
mod disk;
mod executed;
mod filesystem;
mod git;
mod permissions;
mod remote_code;
mod suspects;
mod system;
mod windows;

use sluice_policy_shell::{
    Candidate, Command, Function, Language, Names, Scene, Watch, Way, Write,
};

use crate::config::Rules;
use crate::finding::{Finding, Group};

/// The commands to look for in a text that can't be parsed.
pub(crate) fn names() -> Names {
    let groups = [
        filesystem::NAMES,
        disk::NAMES,
        permissions::NAMES,
        system::NAMES,
        windows::NAMES,
        executed::NAMES,
        &["git", "find"],
    ];
    Names::new(groups.into_iter().flatten().copied())
}

impl Watch for Rules {
    type Finding = Finding;

    fn names(&self) -> &Names {
        &self.names
    }

    fn is_suspect(&self, scene: &Scene, candidate: &Candidate<'_>) -> bool {
        suspects::is_suspect(scene, candidate)
    }

    fn command(&self, scene: &Scene, command: &Command<'_>) -> Result<(), Finding> {
        let Command { name, argv, .. } = *command;
        if self.is_on(Group::Git) && name == "git" {
            found(git::judge(argv, scene, self))?;
        }
        if self.is_on(Group::Filesystem) {
            found(filesystem::judge(name, argv, scene, self))?;
            found(windows::filesystem(name, argv))?;
        }
        if self.is_on(Group::Disk) {
            found(disk::judge(name, argv, scene))?;
            found(windows::disk(name, argv))?;
        }
        if self.is_on(Group::Permissions) {
            found(permissions::judge(name, argv, scene))?;
            found(windows::permissions(name, argv, scene))?;
        }
        if self.is_on(Group::RemoteCode) && windows::runs_download(name, argv) {
            return Err(remote_code::finding(argv));
        }
        if self.is_on(Group::System) {
            found(system::judge(name, argv, self))?;
            found(windows::system(name, argv, self))?;
        }
        found(executed::command(command, scene, self))?;
        Ok(())
    }

    fn deletes(&self, scene: &Scene, argv: &[String], paths: &[String]) -> Result<(), Finding> {
        if !self.is_on(Group::Filesystem) {
            return Ok(());
        }
        let paths = paths.iter().map(String::as_str);
        found(filesystem::deleted(paths, argv, scene, self))
    }

    fn writes(&self, _: &Scene, write: &Write<'_>) -> Result<(), Finding> {
        if self.is_on(Group::Disk) {
            found(disk::written(write))?;
        }
        if self.is_on(Group::Filesystem) && write.way == Way::Replace {
            found(filesystem::overwritten(write))?;
        }
        if self.is_on(Group::System) {
            found(system::written(write))?;
        }
        found(executed::written(write, self))
    }

    fn downloaded(&self, _: &Scene, argv: &[String]) -> Result<(), Finding> {
        if self.is_on(Group::RemoteCode) {
            return Err(remote_code::finding(argv));
        }
        Ok(())
    }

    fn defines(&self, _: &Scene, function: &Function<'_>) -> Result<(), Finding> {
        if self.is_on(Group::System) {
            found(bomb::judge(function))?;
        }
        Ok(())
    }

    fn script(&self, _: &Scene, _: Language, text: &str) -> Result<(), Finding> {
        if self.is_on(Group::System) {
            found(bomb::in_script(text))?;
        }
        Ok(())
    }

    fn may_define(&self, _: &Scene, name: &str, body: &str) -> Result<(), Finding> {
        if self.is_on(Group::System) {
            found(bomb::in_text(name, body))?;
        }
        Ok(())
    }

    fn prints(&self, _: &Scene, command: &Command<'_>) -> Option<String> {
        system::prints(command, self)
    }
}

pub(crate) use executed::by_call;

fn found(finding: Option<Finding>) -> Result<(), Finding> {
    finding.map_or(Ok(()), Err)
}
