//! What the operator writes.

use schemars::JsonSchema;
use serde::Deserialize;

/// The configuration of the policy. Every field has a useful default.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Which groups of rules are on. All are on by default except `project_hooks`.
    pub groups: Groups,
    /// What may be deleted recursively. A name without a slash (`node_modules`, `*.pyc`) means
    /// every folder or file of that name, with everything in it, except in system folders. A path
    /// (`/tmp/*`, `~/.cache/*`, `generated/out`) means that path with everything in it; `**` in a
    /// path stands for any folders. The default is build outputs, caches and temporary folders.
    pub allowed_paths: Option<Vec<String>>,
    /// Further names and paths of this kind, in addition to `allowed_paths` or its default.
    pub extra_allowed_paths: Vec<String>,
    /// Patterns of your own. Each is searched for in the text of every command.
    pub extra_patterns: Vec<ExtraPattern>,
    /// Tools that run a shell, in addition to those that are known.
    pub extra_tools: Vec<Tool>,
    /// The names of the gateway's process, service or container, which no command may stop. The
    /// default is `sluice`.
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
    /// Writes to files that run at login, on a schedule or with every shell, and to files that
    /// grant access: `~/.bashrc`, crontabs, systemd units, `authorized_keys`, sudoers.
    pub startup: bool,
    /// Writes to the settings of agents, which say what an agent may run: `.claude/settings.json`,
    /// `.codex/config.toml`, `.mcp.json`.
    pub agent_settings: bool,
    /// Writes to files of a project that run for others: Git hooks, workflows of build servers,
    /// install scripts. Off by default, because agents are often asked to write them.
    pub project_hooks: bool,
}

/// A pattern of the operator's own.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExtraPattern {
    /// Names the rule: `shell.extra.<name>`.
    pub name: String,
    /// A regular expression. It may match anywhere in the command.
    pub pattern: String,
    /// One sentence for the person at the agent.
    pub message: String,
}

/// A tool that runs a shell.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tool {
    /// Its name. Upper and lower case are the same.
    pub name: String,
    /// The arguments that hold a command: a text, or a list of words. A dot leads into an object.
    /// The default is the arguments that such tools usually have (`command`, `cmd`, `script`, …).
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
