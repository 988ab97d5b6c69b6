//! Servers that leave events out, or have others.

use super::{
    Case,
    Said::{Call, Text, Thinking},
};

pub(super) const CASES: &[Case] = &[
    Case {
        server: "text in content_part.delta, response.done (OpenRouter's documents: responses/basic-usage)",
        events: &[
            (
                "created",
                r#""response":{"id":"resp_1","object":"response","status":"in_progress"}"#,
            ),
            (
                "content_part.delta",
                r#""output_index":0,"content_index":0,"delta":"Hel""#,
            ),
            (
                "content_part.delta",
                r#""output_index":0,"content_index":0,"delta":"lo""#,
            ),
            (
                "output_item.done",
                r#""output_index":0,"item":{"type":"message","role":"assistant","content":[{"type":"output_text","annotations":[],"logprobs":[],"text":"Hello"}]}"#,
            ),
            (
                "output_item.done",
                r#""output_index":1,"item":{"id":"fc_call_1","type":"function_call","call_id":"call_1","name":"Bash","arguments":"{\"command\":\"ls\"}"}"#,
            ),
            (
                "done",
                r#""response":{"id":"resp_1","status":"completed","usage":{"total_tokens":3}}"#,
            ),
        ],
        blocks: &[Text("Hello"), Call("call_1")],
    },
    Case {
        server: "objects with a text in content_part.delta (proxies in front of chat models)",
        events: &[
            (
                "created",
                r#""response":{"id":"resp_1","object":"response","status":"in_progress"}"#,
            ),
            (
                "output_item.added",
                r#""output_index":0,"item":{"id":"msg_1","type":"message","role":"assistant","content":[]}"#,
            ),
            (
                "content_part.added",
                r#""output_index":0,"content_index":0,"item_id":"msg_1","part":{"type":"output_text","annotations":[],"logprobs":[],"text":""}"#,
            ),
            (
                "content_part.delta",
                r#""output_index":0,"content_index":0,"delta":{"type":"output_text","text":"Hel"}"#,
            ),
            (
                "content_part.delta",
                r#""output_index":0,"content_index":0,"delta":{"type":"output_text","text":"lo"}"#,
            ),
            (
                "output_item.done",
                r#""output_index":0,"item":{"id":"msg_1","type":"message","role":"assistant","content":[{"type":"output_text","annotations":[],"logprobs":[],"text":"Hello"}]}"#,
            ),
            (
                "completed",
                r#""response":{"id":"resp_1","object":"response","status":"completed","output":[{"id":"msg_1","type":"message","role":"assistant","content":[{"type":"output_text","annotations":[],"logprobs":[],"text":"Hello"}]}]}"#,
            ),
        ],
        blocks: &[Text("Hello")],
    },
    Case {
        server: "thinking in deltas of a part that is not added (Ollama: openai/responses.go)",
        events: &[
            (
                "created",
                r#""response":{"id":"resp_1","object":"response","status":"in_progress"}"#,
            ),
            (
                "output_item.added",
                r#""output_index":0,"item":{"id":"rs_1","type":"reasoning","summary":[]}"#,
            ),
            (
                "reasoning_summary_text.delta",
                r#""output_index":0,"summary_index":0,"item_id":"rs_1","delta":"h""#,
            ),
            (
                "reasoning_summary_text.delta",
                r#""output_index":0,"summary_index":0,"item_id":"rs_1","delta":"m""#,
            ),
            (
                "reasoning_summary_text.done",
                r#""output_index":0,"summary_index":0,"item_id":"rs_1","text":"hm""#,
            ),
            (
                "output_item.done",
                r#""output_index":0,"item":{"id":"rs_1","type":"reasoning","encrypted_content":"hm","summary":[{"type":"summary_text","text":"hm"}]}"#,
            ),
            (
                "output_item.added",
                r#""output_index":1,"item":{"id":"fc_call_1","type":"function_call","call_id":"call_1","name":"Bash","arguments":""}"#,
            ),
            (
                "function_call_arguments.delta",
                r#""output_index":1,"item_id":"fc_call_1","delta":"{\"command\":\"ls\"}""#,
            ),
            (
                "function_call_arguments.done",
                r#""output_index":1,"item_id":"fc_call_1","arguments":"{\"command\":\"ls\"}""#,
            ),
            (
                "output_item.done",
                r#""output_index":1,"item":{"id":"fc_call_1","type":"function_call","call_id":"call_1","name":"Bash","arguments":"{\"command\":\"ls\"}"}"#,
            ),
            (
                "completed",
                r#""response":{"id":"resp_1","object":"response","status":"completed","output":[{"id":"rs_1","type":"reasoning","encrypted_content":"hm","summary":[{"type":"summary_text","text":"hm"}]},{"id":"fc_call_1","type":"function_call","call_id":"call_1","name":"Bash","arguments":"{\"command\":\"ls\"}"}]}"#,
            ),
        ],
        blocks: &[Thinking("hm"), Call("call_1")],
    },
    Case {
        server: "no end of the call, and an empty message in its place at the end (SGLang's router: issue 12652)",
        events: &[
            (
                "created",
                r#""response":{"id":"resp_1","object":"response","status":"in_progress"}"#,
            ),
            (
                "output_item.added",
                r#""output_index":0,"item":{"id":"fc_call_1","type":"function_call","call_id":"call_1","name":"Bash","arguments":""}"#,
            ),
            (
                "function_call_arguments.delta",
                r#""output_index":0,"item_id":"fc_call_1","delta":"{\"command\":\"ls\"}""#,
            ),
            (
                "function_call_arguments.done",
                r#""output_index":0,"item_id":"fc_call_1","arguments":"{\"command\":\"ls\"}""#,
            ),
            (
                "completed",
                r#""response":{"id":"resp_1","object":"response","status":"completed","output":[{"id":"msg_1","type":"message","role":"assistant","content":[{"type":"text","text":""}]}]}"#,
            ),
        ],
        blocks: &[Call("call_1"), Text("")],
    },
    Case {
        server: "deltas of no item, calls at the end alone (LiteLLM: issue 22102, openai/codex pull request 12798)",
        events: &[
            (
                "output_text.delta",
                r#""output_index":0,"content_index":0,"item_id":"msg_1","delta":"Hel","logprobs":[]"#,
            ),
            (
                "output_text.delta",
                r#""output_index":0,"content_index":0,"item_id":"msg_1","delta":"lo","logprobs":[]"#,
            ),
            (
                "completed",
                r#""response":{"id":"resp_1","object":"response","status":"completed","output":[{"id":"msg_1","type":"message","role":"assistant","content":[{"type":"output_text","annotations":[],"logprobs":[],"text":"Hello"}]},{"id":"fc_call_1","type":"function_call","call_id":"call_1","name":"Bash","arguments":"{\"command\":\"ls\"}"}]}"#,
            ),
        ],
        blocks: &[Text("Hello"), Call("call_1")],
    },
    Case {
        server: "no output_text.done (Llama Stack: ogx-ai/ogx issue 5309)",
        events: &[
            (
                "created",
                r#""response":{"id":"resp_1","object":"response","status":"in_progress"}"#,
            ),
            (
                "output_item.added",
                r#""output_index":0,"item":{"id":"msg_1","type":"message","role":"assistant","content":[]}"#,
            ),
            (
                "content_part.added",
                r#""output_index":0,"content_index":0,"item_id":"msg_1","part":{"type":"output_text","annotations":[],"logprobs":[],"text":""}"#,
            ),
            (
                "output_text.delta",
                r#""output_index":0,"content_index":0,"item_id":"msg_1","delta":"Hello","logprobs":[]"#,
            ),
            (
                "content_part.done",
                r#""output_index":0,"content_index":0,"item_id":"msg_1","part":{"type":"output_text","annotations":[],"logprobs":[],"text":"Hello"}"#,
            ),
            (
                "output_item.done",
                r#""output_index":0,"item":{"id":"msg_1","type":"message","role":"assistant","content":[{"type":"output_text","annotations":[],"logprobs":[],"text":"Hello"}]}"#,
            ),
            (
                "completed",
                r#""response":{"id":"resp_1","object":"response","status":"completed","output":[{"id":"msg_1","type":"message","role":"assistant","content":[{"type":"output_text","annotations":[],"logprobs":[],"text":"Hello"}]}]}"#,
            ),
        ],
        blocks: &[Text("Hello")],
    },
    Case {
        server: "no events of parts (sub2api: issue 2875)",
        events: &[
            (
                "created",
                r#""response":{"id":"resp_1","object":"response","status":"in_progress"}"#,
            ),
            (
                "output_item.added",
                r#""output_index":0,"item":{"id":"msg_1","type":"message","role":"assistant","content":[]}"#,
            ),
            (
                "output_text.delta",
                r#""output_index":0,"content_index":0,"item_id":"msg_1","delta":"Hel","logprobs":[]"#,
            ),
            (
                "output_text.delta",
                r#""output_index":0,"content_index":0,"item_id":"msg_1","delta":"lo","logprobs":[]"#,
            ),
            (
                "output_text.done",
                r#""output_index":0,"content_index":0,"item_id":"msg_1","text":"Hello""#,
            ),
            (
                "output_item.done",
                r#""output_index":0,"item":{"id":"msg_1","type":"message","role":"assistant","content":[{"type":"output_text","annotations":[],"logprobs":[],"text":"Hello"}]}"#,
            ),
            (
                "completed",
                r#""response":{"id":"resp_1","object":"response","status":"completed","output":[]}"#,
            ),
        ],
        blocks: &[Text("Hello")],
    },
    Case {
        server: "the finished text alone (gemini-web2api: pull request 57)",
        events: &[
            (
                "created",
                r#""response":{"id":"resp_1","object":"response","status":"in_progress"}"#,
            ),
            (
                "output_text.done",
                r#""output_index":0,"content_index":0,"item_id":"msg_1","text":"Hello""#,
            ),
            (
                "completed",
                r#""response":{"id":"resp_1","object":"response","status":"completed","output":[{"id":"msg_1","type":"message","role":"assistant","content":[{"type":"output_text","annotations":[],"logprobs":[],"text":"Hello"}]}]}"#,
            ),
        ],
        blocks: &[Text("Hello")],
    },
    Case {
        server: "what filters found beside each item, padding (Azure: vercel/ai, azure-gpt5 fixtures)",
        events: &[
            (
                "created",
                r#""response":{"id":"resp_1","object":"response","status":"in_progress"}"#,
            ),
            (
                "output_item.added",
                r#""output_index":0,"item":{"id":"msg_1","type":"message","role":"assistant","content":[]}"#,
            ),
            (
                "content_part.added",
                r#""output_index":0,"content_index":0,"item_id":"msg_1","part":{"type":"output_text","annotations":[],"logprobs":[],"text":""}"#,
            ),
            (
                "output_text.delta",
                r#""output_index":0,"content_index":0,"item_id":"msg_1","delta":"Hello","logprobs":[],"obfuscation":"k2""#,
            ),
            (
                "output_text.done",
                r#""output_index":0,"content_index":0,"item_id":"msg_1","text":"Hello","logprobs":[]"#,
            ),
            (
                "content_part.done",
                r#""output_index":0,"content_index":0,"item_id":"msg_1","part":{"type":"output_text","annotations":[],"logprobs":[],"text":"Hello"}"#,
            ),
            (
                "output_item.done",
                r#""output_index":0,"item":{"id":"msg_1","type":"message","role":"assistant","content":[{"type":"output_text","annotations":[],"logprobs":[],"text":"Hello"}]}"#,
            ),
            (
                "completed",
                r#""response":{"id":"resp_1","status":"completed","content_filters":[{"blocked":false,"content_filter_results":{"hate":{"filtered":false,"severity":"safe"}},"source_type":"completion"}],"output":[{"id":"msg_1","type":"message","role":"assistant","content":[{"type":"output_text","annotations":[],"logprobs":[],"text":"Hello"}]}]}"#,
            ),
        ],
        blocks: &[Text("Hello")],
    },
];
