//! Servers that number items, parts or deltas in their own way.

use super::{
    Case,
    Said::{Call, Text, Thinking},
};

pub(super) const CASES: &[Case] = &[
    Case {
        server: "no numbers at all, all ends at the end (llama.cpp: tools/server/server-task.cpp)",
        events: &[
            (
                "created",
                r#""response":{"id":"resp_1","object":"response","status":"in_progress"}"#,
            ),
            (
                "output_item.added",
                r#""item":{"id":"rs_1","type":"reasoning","content":[],"encrypted_content":"","summary":[]}"#,
            ),
            ("reasoning_text.delta", r#""item_id":"rs_1","delta":"h""#),
            ("reasoning_text.delta", r#""item_id":"rs_1","delta":"m""#),
            (
                "output_item.added",
                r#""item":{"id":"msg_1","type":"message","role":"assistant","content":[]}"#,
            ),
            (
                "content_part.added",
                r#""item_id":"msg_1","part":{"type":"output_text","text":""}"#,
            ),
            ("output_text.delta", r#""item_id":"msg_1","delta":"Hel""#),
            ("output_text.delta", r#""item_id":"msg_1","delta":"lo""#),
            (
                "output_item.added",
                r#""item":{"type":"function_call","call_id":"call_1","name":"Bash","arguments":""}"#,
            ),
            (
                "function_call_arguments.delta",
                r#""item_id":"call_1","delta":"{\"command\":""#,
            ),
            (
                "function_call_arguments.delta",
                r#""item_id":"call_1","delta":"\"ls\"}""#,
            ),
            (
                "output_item.done",
                r#""item":{"id":"rs_1","type":"reasoning","content":[{"type":"reasoning_text","text":"hm"}],"encrypted_content":"","summary":[]}"#,
            ),
            ("output_text.done", r#""item_id":"msg_1","text":"Hello""#),
            (
                "content_part.done",
                r#""item_id":"msg_1","part":{"type":"output_text","annotations":[],"logprobs":[],"text":"Hello"}"#,
            ),
            (
                "output_item.done",
                r#""item":{"id":"msg_1","type":"message","role":"assistant","content":[{"type":"output_text","annotations":[],"logprobs":[],"text":"Hello"}]}"#,
            ),
            (
                "output_item.done",
                r#""item":{"type":"function_call","call_id":"call_1","name":"Bash","arguments":"{\"command\":\"ls\"}"}"#,
            ),
            (
                "completed",
                r#""response":{"id":"resp_1","object":"response","status":"completed","output":[{"id":"rs_1","type":"reasoning","content":[{"type":"reasoning_text","text":"hm"}],"encrypted_content":"","summary":[]},{"id":"msg_1","type":"message","role":"assistant","content":[{"type":"output_text","annotations":[],"logprobs":[],"text":"Hello"}]},{"type":"function_call","call_id":"call_1","name":"Bash","arguments":"{\"command\":\"ls\"}"}]}"#,
            ),
        ],
        blocks: &[Thinking("hm"), Text("Hello"), Call("call_1")],
    },
    Case {
        server: "a content_index for each delta (vLLM: pull request 29947)",
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
                r#""output_index":0,"content_index":0,"item_id":"msg_1","delta":"He","logprobs":[]"#,
            ),
            (
                "output_text.delta",
                r#""output_index":0,"content_index":1,"item_id":"msg_1","delta":"l","logprobs":[]"#,
            ),
            (
                "output_text.delta",
                r#""output_index":0,"content_index":2,"item_id":"msg_1","delta":"lo","logprobs":[]"#,
            ),
            (
                "output_text.done",
                r#""output_index":0,"content_index":3,"item_id":"msg_1","text":"Hello""#,
            ),
            (
                "content_part.done",
                r#""output_index":0,"content_index":4,"item_id":"msg_1","part":{"type":"output_text","annotations":[],"logprobs":[],"text":"Hello"}"#,
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
        server: "a content_index that goes on from the item before (vLLM: issue 45742)",
        events: &[
            (
                "created",
                r#""response":{"id":"resp_1","object":"response","status":"in_progress"}"#,
            ),
            (
                "output_item.added",
                r#""output_index":0,"item":{"id":"rs_1","type":"reasoning","content":[],"encrypted_content":"","summary":[]}"#,
            ),
            (
                "reasoning_text.delta",
                r#""output_index":0,"content_index":0,"item_id":"rs_1","delta":"hm""#,
            ),
            (
                "output_item.done",
                r#""output_index":0,"item":{"id":"rs_1","type":"reasoning","content":[{"type":"reasoning_text","text":"hm"}],"encrypted_content":"","summary":[]}"#,
            ),
            (
                "output_item.added",
                r#""output_index":1,"item":{"id":"msg_1","type":"message","role":"assistant","content":[]}"#,
            ),
            (
                "content_part.added",
                r#""output_index":1,"content_index":1,"item_id":"msg_1","part":{"type":"output_text","annotations":[],"logprobs":[],"text":""}"#,
            ),
            (
                "output_text.delta",
                r#""output_index":1,"content_index":1,"item_id":"msg_1","delta":"Hel","logprobs":[]"#,
            ),
            (
                "output_text.delta",
                r#""output_index":1,"content_index":1,"item_id":"msg_1","delta":"lo","logprobs":[]"#,
            ),
            (
                "output_text.done",
                r#""output_index":1,"content_index":1,"item_id":"msg_1","text":"Hello""#,
            ),
            (
                "content_part.done",
                r#""output_index":1,"content_index":1,"item_id":"msg_1","part":{"type":"output_text","annotations":[],"logprobs":[],"text":"Hello"}"#,
            ),
            (
                "output_item.done",
                r#""output_index":1,"item":{"id":"msg_1","type":"message","role":"assistant","content":[{"type":"output_text","annotations":[],"logprobs":[],"text":"Hello"}]}"#,
            ),
            (
                "completed",
                r#""response":{"id":"resp_1","object":"response","status":"completed","output":[{"id":"rs_1","type":"reasoning","content":[{"type":"reasoning_text","text":"hm"}],"encrypted_content":"","summary":[]},{"id":"msg_1","type":"message","role":"assistant","content":[{"type":"output_text","annotations":[],"logprobs":[],"text":"Hello"}]}]}"#,
            ),
        ],
        blocks: &[Thinking("hm"), Text("Hello")],
    },
    Case {
        server: "a call at the place of a text that is never done (Ollama: openai/responses.go)",
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
                r#""output_index":0,"content_index":0,"item_id":"msg_1","delta":"Hel","logprobs":[]"#,
            ),
            (
                "output_text.delta",
                r#""output_index":0,"content_index":0,"item_id":"msg_1","delta":"lo","logprobs":[]"#,
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
                "output_item.done",
                r#""output_index":0,"item":{"id":"fc_call_1","type":"function_call","call_id":"call_1","name":"Bash","arguments":"{\"command\":\"ls\"}"}"#,
            ),
            (
                "completed",
                r#""response":{"id":"resp_1","object":"response","status":"completed","output":[{"id":"fc_call_1","type":"function_call","call_id":"call_1","name":"Bash","arguments":"{\"command\":\"ls\"}"}]}"#,
            ),
        ],
        blocks: &[Text("Hello"), Call("call_1")],
    },
    Case {
        server: "a call alone at place 1, named by its call_id (LiteLLM: litellm_completion_transformation)",
        events: &[
            (
                "created",
                r#""response":{"id":"resp_1","object":"response","status":"in_progress"}"#,
            ),
            (
                "output_item.added",
                r#""output_index":1,"item":{"id":"call_1","type":"function_call","status":"in_progress","call_id":"call_1","name":"Bash","arguments":""}"#,
            ),
            (
                "function_call_arguments.delta",
                r#""output_index":1,"item_id":"call_1","delta":"{\"command\"""#,
            ),
            (
                "function_call_arguments.delta",
                r#""output_index":1,"item_id":"call_1","delta":":\"ls\"}""#,
            ),
            (
                "function_call_arguments.done",
                r#""output_index":1,"item_id":"call_1","arguments":"{\"command\":\"ls\"}""#,
            ),
            (
                "output_item.done",
                r#""output_index":1,"item":{"id":"call_1","type":"function_call","status":"completed","call_id":"call_1","name":"Bash","arguments":"{\"command\":\"ls\"}"}"#,
            ),
            (
                "completed",
                r#""response":{"id":"resp_1","object":"response","status":"completed","output":[{"id":"call_1","type":"function_call","status":"completed","call_id":"call_1","name":"Bash","arguments":"{\"command\":\"ls\"}"}]}"#,
            ),
        ],
        blocks: &[Call("call_1")],
    },
];
