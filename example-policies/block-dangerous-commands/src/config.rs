//! What the operator can set, and the same made ready for judging.

use regex_lite::Regex;
use schemars::JsonSchema;
use serde::Deserialize;
use sluice_policy_shell::Names;

use crate::allowed::Allowed;
use crate::finding::Group;
use crate::rules;

/// The configuration of the policy. Everything has a default that is useful as it is.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Which groups of rules are on. All but `project_hooks` are, unless they are switched off here.
    pub groups: Groups,
    /// What may be deleted recursively. A name without a slash (`node_modules`, `*.pyc`) is a folder
    /// or file of that name anywhere but in system folders, with all that is in it; a path (`/tmp/*`,
    /// `~/.cache/*`, `generated/out`) is that path, with all that is in it, and `**` in it any
    /// folders. Without this field: build outputs, caches and temporary folders.
    pub allowed_paths: Option<Vec<String>>,
    /// More of the same, beside `allowed_paths` or its default.
    pub extra_allowed_paths: Vec<String>,
    /// Patterns of your own, tried on the text of each command.
    pub extra_patterns: Vec<ExtraPattern>,
    /// Tools that run a shell, beside those that are known.
    pub extra_tools: Vec<Tool>,
    /// Names of the gateway's process, service or container, which no command may stop. Without this
    /// field: `sluice`.
    pub gateway_names: Option<Vec<String>>,
}

/// The groups of rules, each on or off.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Groups {
    /// Recursive deletes of anything that `allowed_paths` does not name.
    pub filesystem: bool,
    /// Formatting and raw device writes.
    pub disk: bool,
    /// System paths made world-writable or given away.
    pub permissions: bool,
    /// Uncommitted work or published history thrown away.
    pub git: bool,
    /// A download fed to a shell or an interpreter.
    pub remote_code: bool,
    /// Fork bombs, shutdowns, killing the gateway.
    pub system: bool,
    /// Writes to what runs at login, on a schedule or whenever a shell starts, and to what lets somebody
    /// in: `~/.bashrc`, crontabs, units of systemd, `authorized_keys`, sudoers.
    pub startup: bool,
    /// Writes to the settings of agents, which say what these may run: `.claude/settings.json`,
    /// `.codex/config.toml`, `.mcp.json`.
    pub agent_settings: bool,
    /// Writes to what others run of a project: hooks of Git, workflows of build servers, scripts that
    /// run with an installation. Off unless it is switched on here: to write these is daily work.
    pub project_hooks: bool,
}

/// A pattern of the operator's own.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExtraPattern {
    /// Names the rule: `shell.extra.<name>`.
    pub name: String,
    /// A regular expression, looked for anywhere in the command.
    pub pattern: String,
    /// One sentence for the person at the agent.
    pub message: String,
}

/// A tool that runs a shell.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tool {
    /// Its name; upper and lower case are the same.
    pub name: String,
    /// The arguments that hold a command: a text, or a list of words. A dot leads into an object.
    /// Without this field: those that such tools usually have (`command`, `cmd`, `script`, …).
    #[serde(default)]
    pub fields: Vec<String>,
}

impl Default for Groups {
    fn default() -> Self {
        Self {
            filesystem: true,
            disk: true,
            permissions: true,
            git: true,
            remote_code: true,
            system: true,
            startup: true,
            agent_settings: true,
            project_hooks: false,
        }
    }
}

/// The configuration, ready for judging.
#[derive(Debug)]
pub struct Rules {
    pub(crate) groups: Groups,
    pub(crate) allowed: Allowed,
    pub(crate) extra: Vec<(Regex, ExtraPattern)>,
    pub(crate) tools: Vec<Tool>,
    pub(crate) gateway_names: Vec<String>,
    /// The commands to look for in a text that can't be parsed.
    pub(crate) names: Names,
}

impl Rules {
    /// Makes a configuration ready.
    ///
    /// Err: every fault found, one sentence each.
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
            tools: config.extra_tools,
            gateway_names: gateway_names.unwrap_or_else(|| vec!["sluice".to_owned()]),
            names: rules::names(),
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
