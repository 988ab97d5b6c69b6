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

use regex_lite::Regex;
use sluice_policy_shell::{
    Candidate, Command, Function, Language, Names, Scene, Watch, Way, Write,
};
use sluice_policy_tools::Shell;

use crate::allowed::Allowed;
use crate::config::{Config, ExtraPattern, Groups, Tool};
use crate::finding::{Finding, Group};

pub(crate) use executed::by_call;

/// A checked configuration, ready for judging.
#[derive(Debug)]
pub struct Rules {
    pub(crate) groups: Groups,
    pub(crate) allowed: Allowed,
    pub(crate) extra: Vec<(Regex, ExtraPattern)>,
    pub(crate) tools: Vec<Shell>,
    pub(crate) gateway_names: Vec<String>,
    /// The commands to look for in a text that can't be parsed.
    pub(crate) names: Names,
}

impl Rules {
    /// Checks a configuration and prepares it for judging.
    ///
    /// The error holds every fault that was found, one sentence each.
    pub fn new(config: Config) -> Result<Self, Vec<String>> {
        let mut faults = Vec::new();
        let mut extra = Vec::new();
        for (at, pattern) in config.extra_patterns.into_iter().enumerate() {
            match Regex::new(&pattern.pattern) {
                Ok(regex) => extra.push((regex, pattern)),
                Err(error) => faults.push(format!("extra_patterns[{at}].pattern: {error}")),
            }
        }
        let has_own = config.allowed_paths.is_some();
        let mut allowed = config.allowed_paths.unwrap_or_else(Allowed::defaults);
        allowed.extend(config.extra_allowed_paths);
        for path in &allowed {
            if path.split('/').any(|component| component == "..") {
                faults.push(format!("allowed_paths: `{path}` must not contain `..`"));
            }
            let named = path.trim_start_matches("~/").trim_matches(['/', '*', '.']);
            if named.is_empty() && path != "*~" || path == "~" {
                faults.push(format!("allowed_paths: `{path}` names no folder"));
            }
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let gateway_names = config.gateway_names;
        Ok(Self {
            groups: config.groups,
            allowed: if has_own {
                Allowed::new(&allowed)
            } else {
                Allowed::with_windows(&allowed)
            },
            extra,
            tools: config.extra_tools.into_iter().map(shell).collect(),
            gateway_names: gateway_names.unwrap_or_else(|| vec!["sluice".to_owned()]),
            names: names(),
        })
    }

    pub(crate) fn is_on(&self, group: Group) -> bool {
        match group {
            Group::Filesystem => self.groups.filesystem,
            Group::Disk => self.groups.disk,
            Group::Permissions => self.groups.permissions,
            Group::Git => self.groups.git,
            Group::RemoteCode => self.groups.remote_code,
            Group::System => self.groups.system,
            Group::Startup => self.groups.startup,
            Group::AgentSettings => self.groups.agent_settings,
            Group::ProjectHooks => self.groups.project_hooks,
        }
    }
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

fn found(finding: Option<Finding>) -> Result<(), Finding> {
    finding.map_or(Ok(()), Err)
}

/// The commands to look for in a text that can't be parsed.
fn names() -> Names {
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

fn shell(tool: Tool) -> Shell {
    Shell {
        name: tool.name,
        fields: tool.fields,
    }
}
