//! A policy that judges nothing: it logs which files an agent writes, whatever writes them.

use std::collections::BTreeSet;
use std::convert::Infallible;

use serde_json::{Value, json};
use sluice_policy_sdk::testing::{Heard, Run, heard};
use sluice_policy_sdk::{
    Block, BlockVerdict, Faults, NoConfig, Policy, Request, ToolCall, Wants, telemetry,
};
use sluice_policy_shell::{self as shell, Names, Path, Scene, Watch, Write};
use sluice_policy_tools::{Call, Command, Deed, Reader, patched};

/// How deeply programs in programs are read.
const DEEPEST: usize = 3;

struct LogWrites {
    names: Names,
}

impl Policy for LogWrites {
    type Config = NoConfig;

    fn configure(_: NoConfig) -> Result<Self, Faults> {
        let names = Names::new(["cp", "mv", "tee", "sed", "apply_patch"]);
        Ok(Self { names })
    }

    fn wants(&self) -> Wants {
        Wants::nothing().tool_calls_whole().stateless()
    }

    fn on_block(&mut self, block: Block, request: &Request) -> BlockVerdict {
        if let Block::ToolCall(call) = &block {
            self.call(call, Some(request), &Reader::default(), DEEPEST);
        }
        BlockVerdict::Keep
    }
}

impl LogWrites {
    fn call(&self, call: &ToolCall, request: Option<&Request>, reader: &Reader<'_>, left: usize) {
        let call = Call::of(call, request, reader);
        if let Some(program) = call.program().filter(|_| left > 0) {
            for deed in program.deeds() {
                match deed {
                    Deed::Call(call) => self.call(&call, request, reader, left - 1),
                    Deed::Command(text) => self.command(&Command { text, folder: None }, left - 1),
                }
            }
            if program.is_code_mode() {
                return;
            }
        }
        for written in call.writes() {
            log(&written.to_path());
        }
        for command in call.commands() {
            self.command(&command, left);
        }
    }

    fn command(&self, command: &Command, left: usize) {
        let follower = match left {
            DEEPEST => command.follower(self),
            _ => command.follower(self).with_marks(),
        };
        if follower.follow(&command.text).is_err() {
            telemetry::log(telemetry::Level::Warn, "there may be more");
        }
    }
}

impl Watch for LogWrites {
    type Finding = Infallible;

    fn names(&self) -> &Names {
        &self.names
    }

    fn command(&self, scene: &Scene, command: &shell::Command<'_>) -> Result<(), Infallible> {
        patched(command, scene).for_each(|written| log(&scene.path(&written.path)));
        Ok(())
    }

    fn writes(&self, _: &Scene, write: &Write<'_>) -> Result<(), Infallible> {
        log(write.path);
        Ok(())
    }
}

fn log(path: &Path) {
    telemetry::log(telemetry::Level::Info, &path.from_start());
}

/// Returns the lines that are logged of a call.
fn logged(name: &str, arguments: &Value) -> BTreeSet<String> {
    let mut run = Run::<LogWrites>::new(json!({}));
    heard();
    let call = Block::tool_call("toolu_1", name, arguments);
    assert_eq!(run.reply([call.clone()]).blocks, [call]);
    let lines = heard().into_iter().map(|heard| match heard {
        Heard::Log(_, line) => line,
        other => panic!("unexpected {other:?}"),
    });
    lines.collect()
}

#[test]
fn every_file_that_a_call_writes_is_logged() {
    let patch = "*** Begin Patch\n*** Add File: web/a\n+x\n*** End Patch";
    for (name, arguments, expected) in [
        (
            "Write",
            json!({"file_path": "web/a", "content": "x"}),
            "./web/a",
        ),
        (
            "Edit",
            json!({"file_path": "$HOME/a", "old_string": "x", "new_string": "y"}),
            "~/a",
        ),
        ("apply_patch", json!({"input": patch}), "./web/a"),
        ("apply_patch", json!(patch), "./web/a"),
        (
            "Bash",
            json!({"command": "cd web && echo x > a"}),
            "./web/a",
        ),
        (
            "Bash",
            json!({"command": format!("apply_patch <<'EOF'\n{patch}\nEOF")}),
            "./web/a",
        ),
        (
            "shell",
            json!({"command": ["bash", "-lc", "date | tee a"], "workdir": "/srv"}),
            "/srv/a",
        ),
        (
            "run_code",
            json!({"language": "python", "code": "open('a', 'w').write('x')"}),
            "./a",
        ),
        (
            "exec",
            json!("await tools.exec_command({ cmd: 'date > ' + ['web', 'a'].join('/') });"),
            "./web/a",
        ),
        (
            "exec",
            json!("await tools.write_file({ path: 'a', content: text });"),
            "./a",
        ),
        (
            "exec",
            json!("await tools.exec_command({ cmd: `date > ${unknown()}/a` });"),
            "\u{FFFF}/a",
        ),
    ] {
        let expected = BTreeSet::from([expected.to_owned()]);
        assert_eq!(logged(name, &arguments), expected, "{name} {arguments}");
    }
}

#[test]
fn nothing_is_logged_of_a_call_that_writes_nothing() {
    for (name, arguments) in [
        ("Read", json!({"file_path": "a"})),
        ("Grep", json!({"pattern": "echo x > a"})),
        ("Bash", json!({"command": "grep 'echo > a' b"})),
        ("Task", json!({"prompt": "write x to a"})),
        ("exec", json!("text(await tools.read_file({ path: 'a' }));")),
    ] {
        assert!(logged(name, &arguments).is_empty(), "{name} {arguments}");
    }
}
