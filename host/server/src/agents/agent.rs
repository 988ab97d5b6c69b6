//! Recognises an agent by the headers of its requests.

use axum::http::HeaderMap;
use axum::http::header::USER_AGENT;
use sluice_api::Agent;

/// The beginnings of user agents, in lower case, in the order in which they are tried.
const BEGINNINGS: [(&str, Agent); 12] = [
    ("claude-cli/", Agent::ClaudeCode),
    ("codex", Agent::Codex),
    ("opencode/", Agent::Opencode),
    ("qwencode/", Agent::QwenCode),
    ("geminicli", Agent::GeminiCli),
    ("cline", Agent::Cline),
    ("litellm/", Agent::Litellm),
    ("anthropic/", Agent::AnthropicSdk),
    ("asyncanthropic/", Agent::AnthropicSdk),
    ("asyncopenai/", Agent::OpenaiSdk),
    ("openai/", Agent::OpenaiSdk),
    ("ai-sdk/", Agent::AiSdk),
];

/// Returns the agent that sends these headers.
pub(super) fn of(headers: &HeaderMap) -> Agent {
    let text = |name: &str| headers.get(name)?.to_str().ok();
    let user_agent = text(USER_AGENT.as_str()).unwrap_or_default();
    let begins = |beginning: &str| {
        let start = user_agent.get(..beginning.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(beginning))
    };
    // Cline uses the SDKs of the providers and tells its own name beside theirs.
    if text("x-title").is_some_and(|title| title.eq_ignore_ascii_case("cline")) {
        return Agent::Cline;
    }
    let found = BEGINNINGS.iter().find(|(beginning, _)| begins(beginning));
    found.map_or(Agent::Other, |(_, agent)| *agent)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    /// User agents as the programs sent them.
    const SENT: [(&str, Agent); 14] = [
        ("claude-cli/2.1.197 (external, sdk-cli)", Agent::ClaudeCode),
        (
            "codex_exec/0.171.0 (Debian 12.0.0; x86_64) unknown (codex_exec; 0.171.0)",
            Agent::Codex,
        ),
        (
            "codex_cli_rs/0.45.0 (Debian 12.0.0; x86_64) xterm",
            Agent::Codex,
        ),
        (
            "opencode/1.18.33 ai-sdk/provider-utils/4.0.46 runtime/bun/1.3.14",
            Agent::Opencode,
        ),
        ("QwenCode/0.15.10 (linux; x64)", Agent::QwenCode),
        (
            "GeminiCLI-tui/0.61.0/gemini-3.1-pro-preview (linux; x64; terminal)",
            Agent::GeminiCli,
        ),
        ("litellm/1.81.10", Agent::Litellm),
        ("Anthropic/Python 0.76.0", Agent::AnthropicSdk),
        ("AsyncAnthropic/Python 0.76.0", Agent::AnthropicSdk),
        ("OpenAI/Python 2.20.0", Agent::OpenaiSdk),
        ("AsyncOpenAI/Python 2.20.0", Agent::OpenaiSdk),
        (
            "ai-sdk/openai/4.0.47 ai-sdk/provider-utils/5.0.30 runtime/bun/1.3.13",
            Agent::AiSdk,
        ),
        ("Bun/1.4.0", Agent::Other),
        ("", Agent::Other),
    ];

    #[test]
    fn agents_are_told_apart_by_their_user_agents() {
        for (sent, agent) in SENT {
            let mut headers = HeaderMap::new();
            headers.insert(USER_AGENT, HeaderValue::from_static(sent));
            assert_eq!(of(&headers), agent, "{sent}");
        }
        assert_eq!(of(&HeaderMap::new()), Agent::Other);
    }

    #[test]
    fn cline_tells_its_name_beside_that_of_an_sdk() {
        let mut headers = HeaderMap::new();
        headers.insert(USER_AGENT, HeaderValue::from_static("OpenAI/JS 4.83.0"));
        headers.insert("x-title", HeaderValue::from_static("Cline"));
        assert_eq!(of(&headers), Agent::Cline);
    }

    #[test]
    fn bytes_that_are_no_text_are_nobody() {
        let mut headers = HeaderMap::new();
        headers.insert(USER_AGENT, HeaderValue::from_bytes(b"codex\xff").unwrap());
        assert_eq!(of(&headers), Agent::Other);
        headers.insert(
            USER_AGENT,
            HeaderValue::from_bytes("cod\u{e9}".as_bytes()).unwrap(),
        );
        assert_eq!(of(&headers), Agent::Other);
    }
}
