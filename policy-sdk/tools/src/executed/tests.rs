//! Paths and texts, each with what becomes of them.

use super::*;

fn trigger(text: &str, content: Option<&str>) -> Option<Trigger> {
    executed(&Path::start().join(text), content, |_| true).map(|executed| executed.trigger)
}

#[test]
fn what_runs_at_login_is_found_wherever_a_home_is() {
    for path in [
        "~/.bashrc",
        "/home/me/.bashrc",
        "~root/.profile",
        "/Users/me/.zshrc",
        "C:\\Users\\me\\Documents\\PowerShell\\Microsoft.PowerShell_profile.ps1",
        "/c/Users/me/.bashrc",
        "~me/.bashrc",
        "\u{FFFF}/.bashrc",
        "/home/\u{FFFF}/.zshrc",
        "../../.bashrc",
        "~/x/../.bashrc",
        "~/.ssh/authorized_keys",
        "~/.config/autostart/x.desktop",
        "~/.config/systemd/user/default.target.wants/x.service",
        "~/Library/LaunchAgents/x.plist",
        "/etc/cron.d/x",
        "/etc/crontab",
        "/var/spool/cron/crontabs/me",
        "/etc/sudoers.d/x",
        "/etc/systemd/system/x.service",
        "/etc/ld.so.preload",
        "C:\\ProgramData\\Microsoft\\Windows\\Start Menu\\Programs\\Startup\\x.bat",
    ] {
        assert_eq!(trigger(path, None), Some(Trigger::Startup), "{path}");
    }
}

#[test]
fn the_settings_of_agents_are_found() {
    for path in [
        ".claude/settings.json",
        "~/.claude/settings.json",
        "/srv/app/.claude/settings.local.json",
        "~/.codex/config.toml",
        ".mcp.json",
        "web/.cursor/mcp.json",
        "/etc/claude-code/managed-settings.json",
    ] {
        assert_eq!(trigger(path, None), Some(Trigger::Agent), "{path}");
    }
    let approves = Some("{\"chat.tools.autoApprove\": true}");
    assert_eq!(
        trigger(".vscode/settings.json", approves),
        Some(Trigger::Agent)
    );
    assert_eq!(trigger(".vscode/settings.json", Some("{\"a\": 1}")), None);
}

#[test]
fn what_a_project_has_others_run_is_found() {
    let hooks = Some(Trigger::Project);
    for path in [
        ".git/hooks/pre-commit",
        "/srv/app/.git/hooks/post-checkout",
        ".husky/pre-commit",
        ".github/workflows/ci.yml",
        ".gitlab-ci.yml",
        "Jenkinsfile",
        ".envrc",
        ".vscode/tasks.json",
        ".npmrc",
    ] {
        assert_eq!(trigger(path, None), hooks, "{path}");
    }
    let scripts = |name: &str| format!("{{\"scripts\": {{\"{name}\": \"node x.js\"}}}}");
    assert_eq!(
        trigger("package.json", Some(&scripts("postinstall"))),
        hooks
    );
    assert_eq!(trigger("package.json", Some(&scripts("test"))), None);
    assert_eq!(trigger("package.json", None), None);
    assert_eq!(
        trigger(".git/config", Some("[core]\nfsmonitor = ./x")),
        hooks
    );
    assert_eq!(trigger(".git/config", Some("[core]\nbare = false")), None);
    let task = Some("{\"runOptions\": {\"runOn\": \"folderOpen\"}}");
    assert_eq!(trigger(".vscode/tasks.json", task), Some(Trigger::Startup));
}

#[test]
fn all_else_runs_nowhere_by_itself() {
    for path in [
        "src/main.rs",
        ".bashrc",
        "/srv/dotfiles/.bashrc",
        "/home/me/dotfiles/.bashrc",
        "dotfiles/.ssh/authorized_keys",
        "~/.bashrc.bak",
        "~/.bash_history",
        "~/.ssh/config",
        "~/.ssh/known_hosts",
        "~/.ssh/id_ed25519.pub",
        "~/.gitconfig",
        "/etc/nginx/nginx.conf",
        "/etc/hosts",
        "Makefile",
        ".gitignore",
        "CLAUDE.md",
        ".claude/commands/x.md",
        ".github/dependabot.yml",
        "docs/crontab.md",
        "conftest.py",
    ] {
        assert_eq!(trigger(path, None), None, "{path}");
    }
}

#[test]
fn what_a_text_says_decides_where_most_are_harmless() {
    let startup = Some(Trigger::Startup);
    assert_eq!(
        trigger("~/.ssh/config", Some("Host x\n  ProxyCommand nc %h")),
        startup
    );
    assert_eq!(trigger("~/.ssh/config", Some("Host x\n  User me")), None);
    let ssh = Some("[core]\n\tsshCommand = ./x");
    assert_eq!(trigger("~/.gitconfig", ssh), startup);
    let helper = Some("[credential]\nhelper = !x");
    assert_eq!(trigger("~/.gitconfig", helper), startup);
    assert_eq!(trigger("~/.gitconfig", Some("[alias]\n  st = !x")), None);
    assert_eq!(
        trigger("~/.gitconfig", Some("[alias]\n  st = status")),
        None
    );
    assert_eq!(trigger("~/.gitconfig", Some("[user]\n  name = me")), None);
}
