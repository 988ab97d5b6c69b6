//! What it costs to judge usual tool calls with `block-dangerous-commands`, a fresh instance each time as
//! in a reply.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex};

use criterion::{Criterion, criterion_group, criterion_main};
use serde_json::{Value, json};
use sluice_engine::{
    Chain, Context, Engine, EngineConfig, EventLevel, Limits, OnFailure, PolicySet, PolicySpec,
    SharedRequest,
};
use sluice_protocol::{Block, ToolCall, anthropic};
use tokio::runtime::Builder;

const SHELL: &[&str] = &[
    "git status",
    "cargo test -p x",
    "rg -n foo src | head",
    "cd web && rm -rf node_modules && npm install",
    "git add -A && git commit -m \"$(cat <<'EOF'\nAdd a thing\n\nBecause.\nEOF\n)\"",
    "for f in $(ls *.txt); do wc -l \"$f\" >> out.log; done; python3 -c 'print(1)'",
];

const CODE_MODE: &[&str] = &[
    "const r = await tools.exec_command({ cmd: \"git status\" });\ntext(r.output);\n",
    "const all = await Promise.all([tools.exec_command({ cmd: \"rg -n foo src | head\" }), \
     tools.exec_command({ cmd: \"cargo test -p x\" })]);\nfor (const r of all) text(r.output);\n",
    "const patch = `*** Begin Patch\n*** Update File: a.rs\n@@\n-let a = 1;\n+let a = 2;\n\
     *** End Patch`;\ntext(await tools.apply_patch(patch));\n",
];

const POWERSHELL: &[&str] = &[
    "git status",
    "Get-ChildItem -Recurse src",
    "cargo test -p x 2>&1 | Select-Object -Last 20",
    "Get-Content a.txt | Select-String foo | Select-Object -First 10",
];

fn set() -> Arc<PolicySet> {
    let engine = Engine::new(EngineConfig {
        instances: 64,
        ..EngineConfig::default()
    });
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent();
    let file = target
        .expect("a target folder")
        .join("policies/block-dangerous-commands.wasm");
    let policy = engine.expect("an engine").load(PolicySpec {
        name: "bench".to_owned(),
        component: std::fs::read(file)
            .expect("run `cargo xtask policies`")
            .into(),
        config: json!({}),
        on_failure: OnFailure::Block,
        limits: Limits::default(),
        grants: BTreeSet::new(),
    });
    let policy = Arc::new(policy.expect("a policy that loads"));
    Arc::new(PolicySet::new(1, vec![policy]))
}

/// A request that declares the tools.
fn request() -> SharedRequest {
    let tool = |name: &str, says: &str| json!({"name": name, "description": says, "input_schema": {"type": "object"}});
    let body = json!({
        "model": "m",
        "max_tokens": 1,
        "messages": [{"role": "user", "content": "hi"}],
        "tools": [
            tool("Bash", "Runs a command"),
            tool("powershell", "Runs a command in PowerShell"),
            {"type": "custom", "name": "exec", "description": "Runs raw JavaScript"},
        ],
    });
    let limits = sluice_protocol::Limits::default();
    let request = anthropic::Request::parse(body.to_string().into(), &limits);
    Arc::new(Mutex::new(Box::new(request.expect("a request"))))
}

fn call(tool: &str, arguments: &Value) -> Block {
    Block::ToolCall(ToolCall {
        id: "toolu_1".to_owned(),
        name: tool.to_owned(),
        arguments: arguments.to_string(),
    })
}

fn judging(c: &mut Criterion) {
    let runtime = Builder::new_current_thread().enable_time().build();
    let (runtime, set, request) = (runtime.expect("a runtime"), set(), request());
    let cases = [
        ("Bash", SHELL),
        ("exec", CODE_MODE),
        ("powershell", POWERSHELL),
    ];
    for (tool, texts) in cases {
        let mut group = c.benchmark_group(format!("judge a call of {tool}"));
        for text in texts {
            let arguments = match tool {
                "exec" => json!(text),
                _ => json!({"command": text, "description": "Does what is asked"}),
            };
            let block = call(tool, &arguments);
            let name: String = text.chars().take(24).filter(|c| *c != '\n').collect();
            group.bench_function(name, |b| {
                b.to_async(&runtime).iter(|| async {
                    let (set, request) = (Arc::clone(&set), Arc::clone(&request));
                    let mut chain =
                        Chain::open(set, request, Context::default(), EventLevel::Outcomes);
                    chain.on_block(block.clone()).await
                });
            });
        }
        group.finish();
    }
}

criterion_group!(benches, judging);
criterion_main!(benches);
