//! `sluice history` on both of its ways: through a running Sluice, and to the database itself.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{Output, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crate::recording::{KEY, Recording};
use crate::support::text;

/// What a command left behind.
fn left(output: &Output) -> (String, String, Option<i32>) {
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    (out.to_owned(), err.to_owned(), output.status.code())
}

#[test]
fn a_command_prints_the_same_through_a_running_sluice_and_from_the_database() {
    let recording = Recording::start();
    for number in 0..3 {
        recording.ask("one", &format!("hello number {number}"));
    }
    let id = recording.listed(3)[2]["id"].as_str().unwrap().to_owned();
    let session = recording.listed(3)[0]["session_id"].clone();
    let session = session.as_str().unwrap();
    let exchange = format!("exg_{}", id.replace('-', ""));
    let nobody = "exg_00000000000000000000000000000000";
    for (arguments, code, part) in [
        (&["list"][..], 0, "\"status\":200"),
        (&["list", "--limit", "1"], 0, "\"status\":200"),
        (&["list", "--limit", "0"], 0, ""),
        (&["list", "--ending", "delivered", "--since", "1h"], 0, &id),
        (&["list", "--ending", "failed"], 0, ""),
        (&["list", "--session", session], 0, "session_id"),
        (&["list", "--text", "\"number 2\""], 0, "\"status\":200"),
        (&["show", &exchange], 0, "good day"),
        (&["show", nobody], 1, "error: there is no exchange exg_0000"),
        (&["search", "number"], 0, "\"found\":true"),
        (&["search", "number", "--limit", "2"], 0, "\"found\":true"),
        (&["search", "goodbye"], 0, ""),
        (&["export"], 0, "**user**\n\nhello number 0"),
        (&["export", "--session", session], 0, "hello number 2"),
        (&["export", "--format", "jsonl"], 0, "{\"version\":1,"),
        (&["export", "--caller", "nobody"], 0, ""),
        (
            &["erase", "--session", "999"],
            1,
            "error: there is no session 999",
        ),
        (
            &["erase", "--caller", "clr_ no/body"],
            0,
            "erased 0 exchanges",
        ),
        (&["release", session], 1, "is not on hold"),
        (&["release", "999"], 1, "error: there is no session 999"),
        (&["hold", "999"], 1, "error: there is no session 999"),
        (
            &["hold", session, "--reason", ""],
            1,
            "has 1 to 1000 characters",
        ),
        (&["hold", session, "--reason", "an audit"], 0, ""),
        (
            &["erase", "--session", session],
            1,
            "error: the session is on hold: release it first",
        ),
    ] {
        let through = left(&recording.through_the_door(arguments));
        assert_eq!(
            through,
            left(&recording.in_the_database(arguments)),
            "{arguments:?}"
        );
        let (out, err, ended) = through;
        assert_eq!(ended, Some(code), "{arguments:?}: {err}");
        assert!(
            format!("{out}{err}").contains(part),
            "{arguments:?}: {out}{err}"
        );
        assert!(!out.contains(KEY), "{arguments:?}");
        // Where nothing is the right answer, nothing is printed.
        assert!(!part.is_empty() || out.is_empty(), "{arguments:?}: {out}");
    }
    let release = ["release", session];
    assert_eq!(left(&recording.through_the_door(&release)), left_well(""));
    assert_eq!(
        left(&recording.in_the_database(&["hold", session])),
        left_well("")
    );
    assert_eq!(left(&recording.in_the_database(&release)), left_well(""));
}

#[test]
fn a_session_is_exported_with_those_that_it_continues_on_either_way() {
    let recording = Recording::start();
    recording.ask("one", "hello");
    let session = recording.listed(1)[0]["session_id"].clone();
    let session = session.as_str().unwrap();
    for (arguments, code, part) in [
        (
            &["export", "--session", session, "--joined"][..],
            0,
            "hello",
        ),
        (
            &["export", "--session", "999", "--joined"],
            1,
            "error: there is no session 999",
        ),
        (&["export", "--joined"], 2, "--session <NUMBER>"),
    ] {
        let through = left(&recording.through_the_door(arguments));
        assert_eq!(through, left(&recording.in_the_database(arguments)));
        let (out, err, ended) = through;
        assert_eq!(ended, Some(code), "{arguments:?}: {err}");
        assert!(format!("{out}{err}").contains(part), "{out}{err}");
    }
}

/// What a command leaves that went well and printed this.
fn left_well(out: &str) -> (String, String, Option<i32>) {
    (out.to_owned(), String::new(), Some(0))
}

#[test]
fn what_is_erased_is_gone_from_the_files_on_either_way_and_the_log_says_who_asked() {
    let mut recording = Recording::start();
    recording.ask("one", "the first falcon");
    recording.ask("two", "the second falcon");
    let found = recording.listed(2);
    let session = found[1]["session_id"].as_str().unwrap();
    let caller = found[0]["caller"].as_str().unwrap();
    let folder = recording.database();
    let holds = |word: &str| {
        let files = fs::read_dir(folder.parent().unwrap()).unwrap();
        let mut files = files.map(|file| fs::read(file.unwrap().path()).unwrap());
        let word = word.as_bytes();
        files.any(|bytes| bytes.windows(word.len()).any(|bytes| bytes == word))
    };
    assert!(holds(caller));
    let through = recording.through_the_door(&["erase", "--session", session]);
    assert_eq!(left(&through), left_well("erased 1 exchanges\n"));
    let line = recording.server.until("an operator erased exchanges");
    assert_eq!(line["address"], "127.0.0.1");
    assert_eq!(line["erased"], format!("session {session}"));
    assert_eq!((&line["exchanges"], &line["held"]), (&1.into(), &0.into()));

    let direct = recording.in_the_database(&["erase", "--caller", caller]);
    assert_eq!(left(&direct), left_well("erased 1 exchanges\n"));
    assert!(!holds(caller));
    assert!(recording.listed(0).is_empty());
    let log = recording.server.logged();
    assert!(
        log.contains("an operator erased") && !log.contains(KEY),
        "{log}"
    );
}

#[test]
fn new_exchanges_are_told_on_either_way_until_nobody_reads() {
    let recording = Recording::start();
    recording.ask("one", "this was before");
    recording.listed(1);
    let file = recording.database();
    let ways = [
        ["--admin-url", &*recording.door],
        ["--database", file.to_str().unwrap()],
    ];
    let mut tails = ways.map(|way| {
        let mut command = recording.history(&["tail"], &way);
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        (child, lines)
    });
    // When a tail begins to look is not known, so there is news until both have told some.
    let done = AtomicBool::new(false);
    let told = thread::scope(|scope| {
        scope.spawn(|| {
            for number in 0..100 {
                if done.load(Ordering::Relaxed) {
                    break;
                }
                recording.ask("one", &format!("this is news {number}"));
                thread::sleep(Duration::from_millis(200));
            }
        });
        let told = tails
            .each_mut()
            .map(|(_, lines)| lines.next().unwrap().unwrap());
        done.store(true, Ordering::Relaxed);
        told
    });
    let list = recording.in_the_database(&["list", "--limit", "1000"]);
    let news: Vec<_> = text(&list.stdout).lines().collect();
    let (before, news) = news.split_last().unwrap();
    for line in &told {
        assert!(news.contains(&line.as_str()) && line != before, "{line}");
    }
    for (child, _) in &mut tails {
        child.kill().unwrap();
        child.wait().unwrap();
    }
}

#[test]
fn the_way_is_the_one_that_is_asked_for() {
    let recording = Recording::start();
    recording.ask("one", "hello");
    recording.listed(1);
    let file = recording.database();
    let file = file.to_str().unwrap();
    let nowhere = "http://127.0.0.1:9";
    let both = recording
        .history(&["list"], &["--admin-url", nowhere, "--database", file])
        .output()
        .unwrap();
    assert_eq!(both.status.code(), Some(2));
    assert!(
        text(&both.stderr).contains("--admin-url excludes --database"),
        "{both:?}"
    );

    // A flag goes before a variable, and a URL before a database.
    for (flags, url, database, well) in [
        (
            &["--admin-url", &*recording.door][..],
            None,
            Some("/nowhere.db"),
            true,
        ),
        (&["--database", file], Some(nowhere), None, true),
        (&[], Some(nowhere), Some(file), false),
        (&[], Some(&*recording.door), Some("/nowhere.db"), true),
        (&[], None, Some(file), true),
        (&[], None, Some("/nowhere.db"), false),
    ] {
        let mut command = recording.history(&["list"], flags);
        command.envs(url.map(|url| ("SLUICE_ADMIN_URL", url)));
        command.envs(database.map(|url| ("DATABASE_URL", url)));
        let output = command.output().unwrap();
        let told = text(&output.stderr);
        assert_eq!(
            output.status.success(),
            well,
            "{flags:?} {url:?} {database:?} {told}"
        );
        assert_eq!(text(&output.stdout).lines().count(), usize::from(well));
    }

    // Whoever has the usual door, the key that lies here is not theirs: the usual database is read.
    let usual = recording.history(&["list"], &[]).output().unwrap();
    assert_eq!(text(&usual.stdout).lines().count(), 1, "{usual:?}");

    let key = recording.home.path().join("sluice").join("admin.key");
    fs::remove_file(key).unwrap();
    let output = recording.through_the_door(&["list"]);
    assert_eq!(output.status.code(), Some(1));
    let told = text(&output.stderr);
    assert!(told.starts_with("error: set SLUICE_ADMIN_KEY"), "{told}");
}

#[test]
fn a_pipe_gets_no_progress_and_no_colour() {
    let recording = Recording::start();
    recording.ask("one", "hello");
    recording.listed(1);
    for output in [
        recording.through_the_door(&["export"]),
        recording.in_the_database(&["export"]),
    ] {
        assert_eq!(text(&output.stderr), "");
        assert!(!text(&output.stdout).contains('\u{1b}'));
    }
}
