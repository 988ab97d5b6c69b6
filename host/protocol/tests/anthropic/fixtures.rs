//! Streams in the shapes that the API sends, recorded in form and invented in content.

/// Each complete, up to its terminal event.
pub(crate) const STREAMS: &[(&str, &str)] = &[
    ("text", include_str!("../../fixtures/text.sse")),
    ("thinking", include_str!("../../fixtures/thinking.sse")),
    ("citations", include_str!("../../fixtures/citations.sse")),
    ("tool", include_str!("../../fixtures/tool.sse")),
    ("two_tools", include_str!("../../fixtures/two_tools.sse")),
    (
        "tool_without_arguments",
        include_str!("../../fixtures/tool_without_arguments.sse"),
    ),
    (
        "tool_cut_by_max_tokens",
        include_str!("../../fixtures/tool_cut_by_max_tokens.sse"),
    ),
    (
        "server_tools",
        include_str!("../../fixtures/server_tools.sse"),
    ),
    ("unknown", include_str!("../../fixtures/unknown.sse")),
    (
        "error_midway",
        include_str!("../../fixtures/error_midway.sse"),
    ),
    ("crlf", include_str!("../../fixtures/crlf.sse")),
    (
        "multi_line_data",
        include_str!("../../fixtures/multi_line_data.sse"),
    ),
    ("blank_text", include_str!("../../fixtures/blank_text.sse")),
];

/// The stream of that name.
pub(crate) fn stream(name: &str) -> &'static str {
    let named = STREAMS.iter().find(|(other, _)| *other == name);
    named.map(|(_, stream)| *stream).unwrap()
}
