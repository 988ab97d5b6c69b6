//! Streams in the shapes that the API sends, recorded in form and invented in content.

/// Each complete, up to its terminal event.
pub(super) const STREAMS: &[(&str, &str)] = &[
    ("text", include_str!("../../../fixtures/anthropic/text.sse")),
    (
        "thinking",
        include_str!("../../../fixtures/anthropic/thinking.sse"),
    ),
    (
        "citations",
        include_str!("../../../fixtures/anthropic/citations.sse"),
    ),
    ("tool", include_str!("../../../fixtures/anthropic/tool.sse")),
    (
        "two_tools",
        include_str!("../../../fixtures/anthropic/two_tools.sse"),
    ),
    (
        "tool_without_arguments",
        include_str!("../../../fixtures/anthropic/tool_without_arguments.sse"),
    ),
    (
        "tool_cut_by_max_tokens",
        include_str!("../../../fixtures/anthropic/tool_cut_by_max_tokens.sse"),
    ),
    (
        "server_tools",
        include_str!("../../../fixtures/anthropic/server_tools.sse"),
    ),
    (
        "unknown",
        include_str!("../../../fixtures/anthropic/unknown.sse"),
    ),
    (
        "error_midway",
        include_str!("../../../fixtures/anthropic/error_midway.sse"),
    ),
    ("crlf", include_str!("../../../fixtures/anthropic/crlf.sse")),
    (
        "blank_text",
        include_str!("../../../fixtures/anthropic/blank_text.sse"),
    ),
];
