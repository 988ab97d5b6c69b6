//! The files that something runs, by their paths. All are in lower case.

use super::{Needs, Trigger};

/// Files that something runs.
#[derive(Debug)]
pub(super) struct Files {
    pub(super) trigger: Trigger,
    /// What happens to them, as the end of a clause with "which".
    pub(super) what: &'static str,
    /// The paths, with `*` for any name and `**` at the end for anything below.
    pub(super) paths: &'static [&'static str],
    /// What a text must contain to matter.
    pub(super) needs: Needs,
}

const fn startup(what: &'static str, paths: &'static [&'static str]) -> Files {
    Files {
        trigger: Trigger::Startup,
        what,
        paths,
        needs: Needs::Anything,
    }
}

const fn agent(what: &'static str, paths: &'static [&'static str]) -> Files {
    Files {
        trigger: Trigger::Agent,
        what,
        paths,
        needs: Needs::Anything,
    }
}

const fn project(what: &'static str, paths: &'static [&'static str], needs: Needs) -> Files {
    Files {
        trigger: Trigger::Project,
        what,
        paths,
        needs,
    }
}

/// In somebody's home.
pub(super) const HOME: &[Files] = &[
    startup(
        "runs whenever a shell starts or ends",
        &[
            ".bashrc",
            ".bash_profile",
            ".bash_login",
            ".bash_logout",
            ".bash_aliases",
            ".bashrc.d/**",
            ".profile",
            ".zshrc",
            ".zshenv",
            ".zprofile",
            ".zlogin",
            ".zlogout",
            ".zshrc.d/**",
            ".config/zsh/.z*",
            ".oh-my-zsh/custom/**",
            ".kshrc",
            ".mkshrc",
            ".cshrc",
            ".tcshrc",
            ".login",
            ".logout",
            ".config/fish/config.fish",
            ".config/fish/conf.d/*",
            ".config/fish/functions/*",
            ".config/nushell/*.nu",
            ".config/powershell/*profile.ps1",
            "documents/powershell/*profile.ps1",
            "documents/windowspowershell/*profile.ps1",
            "onedrive/documents/powershell/*profile.ps1",
            "onedrive/documents/windowspowershell/*profile.ps1",
        ],
    ),
    startup(
        "runs at every login",
        &[
            ".config/autostart/**",
            ".config/autostart-scripts/**",
            ".config/plasma-workspace/env/**",
            ".config/systemd/user/**",
            ".local/share/systemd/user/**",
            ".config/environment.d/**",
            ".pam_environment",
            ".xprofile",
            ".xinitrc",
            ".xsession",
            ".xsessionrc",
            "library/launchagents/**",
            "appdata/roaming/microsoft/windows/start menu/programs/startup/**",
        ],
    ),
    startup(
        "lets whoever holds the key log in",
        &[".ssh/authorized_keys", ".ssh/authorized_keys2"],
    ),
    startup(
        "runs at every login over SSH",
        &[".ssh/rc", ".ssh/environment"],
    ),
    Files {
        needs: Needs::SshCommand,
        ..startup(
            "runs whenever SSH connects",
            &[".ssh/config", ".ssh/config.d/**"],
        )
    },
    startup(
        "runs whenever Python starts",
        &[
            ".local/lib/*/site-packages/sitecustomize.py",
            ".local/lib/*/site-packages/usercustomize.py",
            ".local/lib/*/site-packages/*.pth",
        ],
    ),
    startup("runs with commands of Git", &[".config/git/hooks/**"]),
    Files {
        needs: Needs::GitCommand,
        ..startup(
            "runs with commands of Git",
            &[".gitconfig", ".config/git/config"],
        )
    },
    agent(
        "decides what an agent may run and which programs it starts",
        &[
            ".claude.json",
            ".config/opencode/**",
            ".config/goose/config.yaml",
            ".codeium/windsurf/mcp_config.json",
        ],
    ),
];

/// Below `/` or a drive.
pub(super) const ROOT: &[Files] = &[
    startup(
        "runs whenever somebody's shell starts",
        &[
            "etc/profile",
            "etc/profile.d/**",
            "etc/bashrc",
            "etc/bash.bashrc",
            "etc/bash_completion.d/**",
            "etc/zshrc",
            "etc/zshenv",
            "etc/zprofile",
            "etc/zsh/**",
            "etc/fish/**",
            "etc/environment",
            "etc/ssh/sshrc",
            "etc/update-motd.d/**",
        ],
    ),
    startup(
        "runs when the machine starts or somebody logs in",
        &[
            "etc/rc.local",
            "etc/rc.d/**",
            "etc/init.d/**",
            "etc/init/**",
            "etc/systemd/system/**",
            "etc/systemd/user/**",
            "lib/systemd/**",
            "usr/lib/systemd/**",
            "usr/local/lib/systemd/**",
            "etc/xdg/autostart/**",
            "etc/pam.d/**",
            "etc/udev/rules.d/**",
            "etc/networkmanager/dispatcher.d/**",
            "library/launchagents/**",
            "library/launchdaemons/**",
            "library/startupitems/**",
            "system/library/launch*/**",
            "?:/programdata/microsoft/windows/start menu/programs/startup/**",
            "?:/windows/system32/grouppolicy/**",
        ],
    ),
    startup(
        "runs on a schedule",
        &[
            "etc/crontab",
            "etc/cron.*/**",
            "etc/anacrontab",
            "var/spool/cron/**",
            "var/spool/at/**",
            "var/at/**",
            "?:/windows/system32/tasks/**",
        ],
    ),
    startup(
        "decides who may act as root",
        &[
            "etc/sudoers",
            "etc/sudoers.d/**",
            "etc/doas.conf",
            "etc/polkit-1/**",
        ],
    ),
    startup("is loaded into every program", &["etc/ld.so.preload"]),
    startup(
        "runs whenever Python starts",
        &[
            "usr/lib/*/*/sitecustomize.py",
            "usr/lib/*/sitecustomize.py",
            "usr/local/lib/*/*/sitecustomize.py",
            "usr/local/lib/*/*/usercustomize.py",
        ],
    ),
    Files {
        needs: Needs::GitCommand,
        ..startup("runs with commands of Git", &["etc/gitconfig"])
    },
    agent(
        "decides what an agent may run and which programs it starts",
        &[
            "etc/claude-code/**",
            "etc/codex/**",
            "library/application support/claudecode/**",
            "?:/programdata/claudecode/**",
            "?:/program files/claudecode/**",
        ],
    ),
];

/// The settings of agents, in any folder.
pub(super) const AGENT: &[Files] = &[
    agent(
        "decides what an agent may run and which programs it starts",
        &[
            ".claude/settings.json",
            ".claude/settings.local.json",
            ".claude/hooks/**",
            ".mcp.json",
            ".codex/config.toml",
            ".codex/*.config.toml",
            ".codex/hooks.json",
            ".codex/rules/**",
            ".cursor/mcp.json",
            ".cursor/hooks.json",
            ".cursor/cli.json",
            ".gemini/settings.json",
            ".qwen/settings.json",
            "opencode.json",
            "opencode.jsonc",
            ".opencode/plugin/**",
            ".opencode/plugins/**",
            ".opencode/opencode.json*",
            ".vscode/mcp.json",
            ".kilocode/mcp.json",
            ".roo/mcp.json",
            ".factory/settings.json",
            ".factory/mcp.json",
            ".amp/settings.json",
            ".copilot/config.json",
            ".copilot/mcp-config.json",
            ".aider.conf.yml",
            "cline_mcp_settings.json",
            "claude_desktop_config.json",
        ],
    ),
    Files {
        needs: Needs::Approval,
        ..agent(
            "decides what an agent may run without asking",
            &[
                ".vscode/settings.json",
                "code/user/settings.json",
                "*.code-workspace",
            ],
        )
    },
];

/// In any folder, since a project may lie in any.
pub(super) const PROJECT: &[Files] = &[
    Files {
        needs: Needs::FolderOpen,
        ..startup(
            "runs whenever the folder is opened in the editor",
            &[".vscode/tasks.json", "*.code-workspace"],
        )
    },
    project(
        "runs with commands of Git",
        &[
            ".git/hooks/*",
            ".husky/**",
            ".githooks/**",
            ".pre-commit-config.yaml",
            "lefthook.y*ml",
            ".lefthook.y*ml",
        ],
        Needs::NoSample,
    ),
    project(
        "runs with commands of Git",
        &[".git/config"],
        Needs::GitCommand,
    ),
    project(
        "runs on the build servers, with what these may do",
        &[
            ".github/workflows/*",
            ".github/actions/**",
            ".gitea/workflows/*",
            ".forgejo/workflows/*",
            ".gitlab-ci.y*ml",
            ".gitlab/ci/**",
            ".circleci/**",
            ".buildkite/**",
            ".teamcity/**",
            ".woodpecker/**",
            ".woodpecker.y*ml",
            ".drone.y*ml",
            ".travis.y*ml",
            ".appveyor.y*ml",
            "appveyor.y*ml",
            "azure-pipelines*.y*ml",
            ".azure-pipelines/**",
            "bitbucket-pipelines.y*ml",
            "cloudbuild.y*ml",
            "buildspec.y*ml",
            "jenkinsfile",
            "jenkinsfile.*",
        ],
        Needs::Anything,
    ),
    project(
        "runs whenever somebody enters or opens the folder",
        &[
            ".envrc",
            ".vscode/tasks.json",
            ".vscode/launch.json",
            ".devcontainer/**",
            "devcontainer.json",
        ],
        Needs::Anything,
    ),
    project(
        "runs whenever the package is installed",
        &["package.json", "composer.json"],
        Needs::InstallScript,
    ),
    project(
        "decides what package managers run and where packages come from",
        &[
            ".npmrc",
            ".yarnrc",
            ".yarnrc.yml",
            ".pnpmfile.cjs",
            "pip.conf",
            "pip.ini",
        ],
        Needs::Anything,
    ),
    project(
        "runs whenever Python starts here",
        &["sitecustomize.py", "usercustomize.py"],
        Needs::Anything,
    ),
    project(
        "names programs that Cargo runs",
        &[".cargo/config.toml", ".cargo/config"],
        Needs::CargoProgram,
    ),
];
