//! Real tools of agents that write something that runs later, judged by `block-dangerous-commands`
//! in each dialect.

use serde_json::json;
use sluice_tests::client::Client;
use sluice_tests::policies::spec;
use sluice_tests::{Dialect, Script, TestHost, Upstream};

const PATCH: &str = "*** Begin Patch\n*** Add File: FILE\n+x\n*** End Patch";

/// Calls that write to a file: the name of a tool and its arguments.
fn calls(file: &str) -> Vec<(&'static str, String)> {
    let patch = PATCH.replace("FILE", file);
    let calls = [
        ("Write", json!({"file_path": file, "content": "x"})),
        (
            "Edit",
            json!({"file_path": file, "old_string": "y", "new_string": "x"}),
        ),
        ("write_file", json!({"path": file, "content": "x"})),
        ("apply_patch", json!({"input": patch})),
        ("Bash", json!({"command": format!("echo x >> {file}")})),
        (
            "PowerShell",
            json!({"command": format!("Add-Content {file} x")}),
        ),
    ];
    calls
        .into_iter()
        .map(|(name, arguments)| (name, arguments.to_string()))
        .collect()
}

#[tokio::test]
async fn writes_that_lead_to_execution_are_left_out_and_others_pass() {
    for dialect in Dialect::ALL {
        let upstream = Upstream::start(Script::stream("")).await;
        let policy = spec("block-dangerous-commands", json!({}));
        let host = TestHost::start(&upstream.url, vec![policy]).await;
        let request = dialect.request("go", true);
        for (file, passes) in [
            ("/home/me/.bashrc", false),
            ("/home/me/.ssh/authorized_keys", false),
            ("/srv/app/.claude/settings.json", false),
            ("/srv/app/src/main.rs", true),
            ("/srv/app/.github/workflows/ci.yml", true),
        ] {
            for (name, arguments) in calls(file) {
                let reply = dialect.calling(name, &arguments);
                upstream.play(Script::stream(reply.clone()));
                let client = Client::of(dialect, &host.url);
                let sent = client.send(&request).await.bytes().await;
                let sent = sent.expect("the stream ends well");
                let is_whole = sent == reply.as_bytes();
                assert_eq!(is_whole, passes, "{dialect:?} {name} {arguments}");
                if !passes {
                    dialect.turn(&sent).assert_next_turn_is_accepted();
                }
            }
        }
    }
}
