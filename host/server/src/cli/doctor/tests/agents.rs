//! What the doctor says of each agent, by table.

use super::super::agents::{ALL, Check};
use super::super::finding::{
    Finding,
    Severity::{self, Fine, Note, Problem},
};
use super::{HERE, surroundings, target};

fn check(name: &str) -> &'static Check {
    let mut checks = ALL.into_iter();
    checks
        .find(|check| check.name == name)
        .expect("an agent of this name")
}

type Pairs<'a> = &'a [(&'a str, &'a str)];

/// Each row: variables, files, and how the one finding that matters begins, with how bad it is.
#[track_caller]
fn table(agent: &str, rows: &[(Pairs<'_>, Pairs<'_>, Severity, &str)]) {
    for (variables, files, severity, beginning) in rows {
        let findings = (check(agent).run)(&surroundings(variables, files), &target());
        let found = |finding: &Finding| {
            finding.severity == *severity && finding.text.starts_with(beginning)
        };
        assert!(
            findings.iter().any(found),
            "{variables:?} {files:?}: {findings:#?}"
        );
        if *severity == Severity::Fine {
            let problems = findings
                .iter()
                .filter(|finding| finding.severity == Severity::Problem);
            assert_eq!(problems.count(), 0, "{findings:#?}");
        }
    }
}

#[test]
fn claude_code_follows_its_settings_and_then_the_shell() {
    let managed = "/etc/claude-code/managed-settings.json";
    let user = "~/.claude/settings.json";
    let elsewhere = r#"{"env": {"ANTHROPIC_BASE_URL": "https://gateway.example.com"}}"#;
    let here = r#"{"env": {"ANTHROPIC_BASE_URL": "http://localhost:8080/"}}"#;
    let shell = ("ANTHROPIC_BASE_URL", HERE);
    table(
        "Claude Code",
        &[
            (
                &[],
                &[],
                Problem,
                "it calls https://api.anthropic.com: set ANTHROPIC_BASE_URL=http://127.0.0.1:8080",
            ),
            (&[shell], &[], Fine, "ANTHROPIC_BASE_URL leads here"),
            (
                &[shell],
                &[(user, elsewhere)],
                Problem,
                "ANTHROPIC_BASE_URL in ~/.claude/settings.json is https://gateway.example.com, which is not",
            ),
            (
                &[],
                &[(user, here)],
                Fine,
                "ANTHROPIC_BASE_URL in ~/.claude/settings.json leads here",
            ),
            (
                &[],
                &[(managed, here), (user, elsewhere)],
                Fine,
                "ANTHROPIC_BASE_URL in /etc/claude-code",
            ),
            (
                &[("ANTHROPIC_BASE_URL", "http://127.0.0.1:8080/v1")],
                &[],
                Note,
                "ANTHROPIC_BASE_URL leads here, though this agent adds `/v1` itself",
            ),
            (
                &[("ANTHROPIC_BASE_URL", "http://127.0.0.1:9090")],
                &[],
                Problem,
                "ANTHROPIC_BASE_URL is http://127.0.0.1:9090, which is not",
            ),
            (
                &[("ANTHROPIC_BASE_URL", "127.0.0.1:8080")],
                &[],
                Problem,
                "ANTHROPIC_BASE_URL is no URL",
            ),
            (
                &[shell, ("CLAUDE_CODE_USE_BEDROCK", "1")],
                &[],
                Problem,
                "CLAUDE_CODE_USE_BEDROCK is set, so it calls Amazon Bedrock",
            ),
            (
                &[shell, ("CLAUDE_CODE_USE_VERTEX", "0")],
                &[],
                Fine,
                "ANTHROPIC_BASE_URL leads here",
            ),
            (
                &[shell],
                &[(user, r#"{"env": {"CLAUDE_CODE_USE_VERTEX": "true"}}"#)],
                Problem,
                "CLAUDE_CODE_USE_VERTEX is set",
            ),
            (
                &[shell],
                &[(user, "{,}")],
                Problem,
                "~/.claude/settings.json is not JSON",
            ),
        ],
    );
}

const CODEX_CONFIG: &str = "~/.codex/config.toml";
const CODEX_HERE: (&str, &str) = (
    CODEX_CONFIG,
    "openai_base_url = \"http://127.0.0.1:8080/v1\"\n",
);
const CODEX_KEY: (&str, &str) = (
    "~/.codex/auth.json",
    r#"{"auth_mode": "apikey", "OPENAI_API_KEY": "sk-secret"}"#,
);

#[test]
fn codex_follows_its_configuration_and_no_variable() {
    let managed = ("/etc/codex/managed_config.toml", CODEX_HERE.1);
    let elsewhere = (CODEX_CONFIG, "openai_base_url = \"https://x.example\"");
    let broken = (CODEX_CONFIG, "openai_base_url = http");
    let short = (CODEX_CONFIG, "openai_base_url = \"http://127.0.0.1:8080\"");
    let provider = "model_provider = \"gate\"\n[model_providers.gate]\nname = \"G\"\n";
    let provider_here = format!("{provider}base_url = \"http://[::1]:8080/v1\"\n");
    let variable = ("OPENAI_BASE_URL", "http://127.0.0.1:8080/v1");
    let no_variable = "OPENAI_BASE_URL is set, but Codex does not read it";
    let openai = "it calls https://api.openai.com/v1: set openai_base_url = \
                  \"http://127.0.0.1:8080/v1\" in ~/.codex/config.toml";
    let no_url = "it calls its provider `gate`: set model_providers.gate.base_url";
    let by_provider = "model_providers.gate.base_url in ~/.codex/config.toml leads here";
    let by_managed = "openai_base_url in /etc/codex/managed_config.toml leads here";
    let by_config = "openai_base_url in ~/.codex/config.toml leads here";
    let without_v1 =
        "openai_base_url in ~/.codex/config.toml leads here, though this agent does not add";
    let not_toml = "~/.codex/config.toml is not TOML: ";
    table(
        "Codex",
        &[
            (&[], &[CODEX_KEY], Problem, openai),
            (&[variable], &[CODEX_KEY], Note, no_variable),
            (&[variable], &[CODEX_KEY], Problem, openai),
            (&[], &[CODEX_HERE, CODEX_KEY], Fine, by_config),
            (&[], &[(CODEX_CONFIG, provider)], Problem, no_url),
            (&[], &[(CODEX_CONFIG, &provider_here)], Fine, by_provider),
            (&[], &[managed, elsewhere, CODEX_KEY], Fine, by_managed),
            (&[], &[broken], Problem, not_toml),
            (&[], &[short], Note, without_v1),
        ],
    );
}

#[test]
fn codex_is_told_what_its_sign_in_means() {
    let chatgpt = (
        "~/.codex/auth.json",
        r#"{"auth_mode": "chatgpt", "OPENAI_API_KEY": null, "tokens": {"access_token": "t"}}"#,
    );
    let variable = ("CODEX_API_KEY", "sk-secret");
    let good_there = "it is signed in with ChatGPT, whose token is good at \
                      https://chatgpt.com/backend-api/codex alone";
    let calls = "it calls https://chatgpt.com/backend-api/codex";
    table(
        "Codex",
        &[
            (&[], &[CODEX_HERE], Note, "it has no key"),
            (&[variable], &[CODEX_HERE], Fine, "openai_base_url in"),
            (&[], &[CODEX_HERE, chatgpt], Note, good_there),
            (&[], &[chatgpt], Problem, calls),
        ],
    );
}

#[test]
fn opencode_is_fine_where_one_provider_leads_here() {
    let config = "~/.config/opencode/opencode.json";
    let one = r#"{"provider": {"anthropic": {"options": {"baseURL": "http://127.0.0.1:8080/v1"}}}} // mine"#;
    let own = r#"{"provider": {"mine": {"options": {"baseURL": "http://localhost:8080/v1"}}}}"#;
    table(
        "opencode",
        &[
            (
                &[],
                &[],
                Problem,
                "anthropic: it calls https://api.anthropic.com: set provider.anthropic.options.baseURL",
            ),
            (
                &[],
                &[(config, one)],
                Fine,
                "anthropic: provider.anthropic.options.baseURL in ~/.config/opencode",
            ),
            (
                &[],
                &[(config, one)],
                Note,
                "openai: it calls https://api.openai.com",
            ),
            (
                &[],
                &[(config, own)],
                Fine,
                "provider.mine.options.baseURL in ~/.config/opencode/opencode.json leads here",
            ),
            (
                &[("ANTHROPIC_BASE_URL", "http://127.0.0.1:8080/v1")],
                &[],
                Fine,
                "anthropic: ANTHROPIC_BASE_URL leads here",
            ),
            (
                &[("ANTHROPIC_BASE_URL", HERE)],
                &[],
                Note,
                "anthropic: ANTHROPIC_BASE_URL leads here, though this agent does not add",
            ),
        ],
    );
}

#[test]
fn qwen_code_follows_the_shell_then_its_files() {
    let here = "http://127.0.0.1:8080/v1";
    let dotenv = (
        "~/.qwen/.env",
        "# mine\nexport OPENAI_BASE_URL=\"http://127.0.0.1:8080/v1\"\n",
    );
    let settings = (
        "~/.qwen/settings.json",
        r#"{"security": {"auth": {"baseUrl": "http://127.0.0.1:8080/v1"}}}"#,
    );
    table(
        "Qwen Code",
        &[
            (
                &[],
                &[],
                Problem,
                "it calls the API of its sign-in: set OPENAI_BASE_URL=http://127.0.0.1:8080/v1",
            ),
            (
                &[("OPENAI_BASE_URL", here)],
                &[],
                Fine,
                "OPENAI_BASE_URL leads here",
            ),
            (
                &[("OPENAI_BASE_URL", "https://x.example/v1")],
                &[dotenv],
                Problem,
                "OPENAI_BASE_URL is https://x.example/v1",
            ),
            (
                &[],
                &[dotenv],
                Fine,
                "OPENAI_BASE_URL in ~/.qwen/.env leads here",
            ),
            (
                &[],
                &[settings],
                Fine,
                "security.auth.baseUrl in ~/.qwen/settings.json leads here",
            ),
        ],
    );
}

#[test]
fn the_others_are_told_what_to_set() {
    let providers = "~/.cline/data/settings/providers.json";
    let cline = r#"{"lastUsedProvider": "openai", "providers": {"openai": {"settings": {"apiKey": "sk-secret", "baseUrl": "http://127.0.0.1:8080/v1"}}}}"#;
    table(
        "Gemini CLI",
        &[(&[], &[], Problem, "it speaks Google's own API")],
    );
    table(
        "Cline",
        &[
            (
                &[],
                &[],
                Problem,
                "it calls its provider `cline`: set it with `cline auth",
            ),
            (
                &[],
                &[(providers, cline)],
                Fine,
                "providers.openai.settings.baseUrl in",
            ),
        ],
    );
    table(
        "Aider",
        &[
            (&[], &[], Problem, "models of OpenAI: it calls"),
            (
                &[("ANTHROPIC_API_BASE", HERE)],
                &[],
                Fine,
                "models of Anthropic: ANTHROPIC_API_BASE leads here",
            ),
            (
                &[],
                &[(
                    "~/.aider.conf.yml",
                    "openai-api-base: http://127.0.0.1:8080/v1\n",
                )],
                Fine,
                "models of OpenAI: openai-api-base in ~/.aider.conf.yml leads here",
            ),
        ],
    );
    table(
        "SDKs",
        &[
            (&[], &[], Note, "ANTHROPIC_BASE_URL is not set"),
            (
                &[("OPENAI_BASE_URL", HERE)],
                &[],
                Note,
                "OPENAI_BASE_URL leads here, though this agent does not add `/v1`",
            ),
            (
                &[("OPENAI_BASE_URL", "http://127.0.0.1:8080/v1/")],
                &[],
                Fine,
                "OPENAI_BASE_URL leads here",
            ),
        ],
    );
}
