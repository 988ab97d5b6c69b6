//! Finds out which dialect a caller speaks if the path alone does not say.

use axum::http::HeaderMap;
use sluice_protocol::Api;

use crate::routes::below_v1;

/// Returns the dialect of a request. The path decides if only one API has it, else the header that Anthropic's
/// clients send with every request.
pub(super) fn of(path: &str, headers: &HeaderMap) -> Api {
    let path = below_v1(path);
    let below = |root: &str| {
        path.strip_prefix(root)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    if below("/messages") || headers.contains_key("anthropic-version") {
        Api::Anthropic
    } else if below("/responses") {
        Api::OpenaiResponses
    } else if below("/embeddings") {
        Api::OpenaiEmbeddings
    } else {
        Api::OpenaiChat
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn the_path_says_it_first_and_then_the_version_header() {
        let plain = HeaderMap::new();
        assert_eq!(of("/v1/messages/batches", &plain), Api::Anthropic);
        assert_eq!(of("/v1/messages-of-others", &plain), Api::OpenaiChat);
        assert_eq!(of("/messages", &plain), Api::Anthropic);
        assert_eq!(of("/v1/v1/messages", &plain), Api::Anthropic);
        assert_eq!(of("/v1/responses/resp_1", &plain), Api::OpenaiResponses);
        assert_eq!(of("/v1/models", &plain), Api::OpenaiChat);
        let mut versioned = HeaderMap::new();
        versioned.insert("anthropic-version", HeaderValue::from_static("2023-06-01"));
        assert_eq!(of("/v1/models", &versioned), Api::Anthropic);
    }
}
