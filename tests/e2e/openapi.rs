//! The operators' door does what docs/openapi.json says, whatever it is asked: Schemathesis asks it by the document.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tokio::process::Command;

use super::history::host;
use super::sdks::installed;

/// It takes twenty seconds on a machine that does nothing else.
const LIMIT: Duration = Duration::from_secs(300);

/// Its answer does not end, so it has tests of its own.
const ENDLESS: &str = "/api/v1/events";

/// What is in the workspace.
fn at(path: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).join(path)
}

#[tokio::test]
async fn each_answer_is_one_that_the_document_allows() {
    let (host, _, folder) = host().await;
    let report = folder.path().join("report.json");
    let asking = Command::new(installed("SLUICE_TEST_SCHEMATHESIS"))
        .arg("--config-file")
        .arg(at("tests/schemathesis/schemathesis.toml"))
        .args(["--no-color", "run"])
        .arg(at("docs/openapi.json"))
        .args(["--url", &host.admin_url])
        .args(["--exclude-path", ENDLESS])
        .args([
            "--header",
            &format!("Authorization: Bearer {}", host.admin_key),
        ])
        .arg("--report-json-path")
        .arg(&report)
        // It leaves crash files where it runs.
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(LIMIT, asking).await;
    let output = output.expect("it ends in time").expect("it starts");
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{told}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    // Nothing else of the document is left out.
    let report = std::fs::read_to_string(report).expect("a report");
    let report: Value = serde_json::from_str(&report).expect("JSON");
    let document = host.told("/openapi.json").await;
    let paths = document["paths"].as_object().expect("paths").iter();
    let paths = paths.filter(|(path, _)| *path != ENDLESS);
    let operations = paths.filter_map(|(_, item)| Some(item.as_object()?.len()));
    let tested = &report["operations"]["tested"];
    assert_eq!(*tested, operations.sum::<usize>(), "{told}");
}
