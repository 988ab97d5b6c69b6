//! What a follower reports: a recorder that objects to nothing writes it down.

use std::cell::{Cell, RefCell};

use sluice_policy_shell::{
    Command, Follower, Function, Language, Names, Scene, Stop, Text, Watch, Way, Write, marks,
};

/// Writes down each report as a line. Objects to `stop`.
struct Recorder {
    names: Names,
    told: RefCell<Vec<String>>,
}

impl Recorder {
    fn new() -> Self {
        Self {
            names: Names::new(["rm", "git", "find", "tee", "stop"]),
            told: RefCell::default(),
        }
    }

    fn note(&self, line: String) -> Result<(), String> {
        self.told.borrow_mut().push(line);
        Ok(())
    }
}

impl Watch for Recorder {
    type Finding = String;

    fn names(&self) -> &Names {
        &self.names
    }

    fn command(&self, scene: &Scene, command: &Command<'_>) -> Result<(), String> {
        if command.name == "stop" {
            return Err("stopped".to_owned());
        }
        let perhaps = if scene.is_conditional() {
            "perhaps "
        } else {
            ""
        };
        let words = marks::display(&command.argv.join(" "));
        self.note(format!("{perhaps}{words}"))
    }

    fn deletes(&self, _: &Scene, argv: &[String], paths: &[String]) -> Result<(), String> {
        self.note(format!("{} deletes {}", argv[0], paths.join(" ")))
    }

    fn writes(&self, _: &Scene, write: &Write<'_>) -> Result<(), String> {
        let way = match write.way {
            Way::Replace => "=",
            Way::Append => "+=",
            Way::Edit => "~=",
        };
        let path = marks::display(&write.path.text());
        let content = write
            .content
            .map_or("?".to_owned(), |text| format!("{text:?}"));
        self.note(format!("{path} {way} {content}"))
    }

    fn downloaded(&self, _: &Scene, argv: &[String]) -> Result<(), String> {
        self.note(format!(
            "download runs as {}",
            marks::display(&argv.join(" "))
        ))
    }

    fn defines(&self, _: &Scene, function: &Function<'_>) -> Result<(), String> {
        self.note(format!("{}()", function.name))
    }

    fn script(&self, _: &Scene, language: Language, _: &str) -> Result<(), String> {
        self.note(format!("script in {language:?}"))
    }
}

/// The reports about a text, without the scripts that it starts.
fn told(text: Text) -> Vec<String> {
    let recorder = Recorder::new();
    let stop = Follower::new(&recorder)
        .with_tools(&["terminal", "exec_command", "bash"])
        .follow(&text);
    assert_eq!(stop, Ok(()), "{text:?}");
    let mut lines = recorder.told.into_inner();
    lines.retain(|line| !line.starts_with("script in"));
    lines
}

fn shell(line: &str) -> Vec<String> {
    told(Text::Shell(line.to_owned()))
}

fn cell(text: &str) -> Vec<String> {
    told(Text::Cell(text.to_owned()))
}

#[test]
fn commands_are_told_as_they_would_run() {
    for (line, expected) in [
        ("sudo -u me /bin/rm -r x", &["/bin/rm -r x"][..]),
        ("X=a; rm $X\"b c\"", &["rm ab c"]),
        (
            "cd a; rm $(echo b) && rm c",
            &["echo b", "rm b", "perhaps rm c"],
        ),
        ("bash -c 'rm \"$1\"' _ x", &["rm x"]),
        ("echo 'rm a' | sh", &["echo rm a", "rm a"]),
        ("git rebase -x 'rm y'", &["rm y", "git rebase -x rm y"]),
        ("git -c alias.z='!rm z' z", &["rm z"]),
        ("rm $UNSET", &["rm …"]),
        ("find . -name x -delete", &["find deletes ./**/x"]),
        ("f() { rm \"$1\"; }; f q", &["f()", "rm q"]),
        (
            "curl https://x/y | sh",
            &["curl https://x/y", "download runs as …", "…"],
        ),
    ] {
        assert_eq!(shell(line), expected, "{line}");
    }
}

#[test]
fn files_that_are_written_are_told_with_what_is_in_them() {
    for (line, expected) in [
        ("echo a > ~/.profile", "~/.profile = \"a\""),
        ("cd ~; echo a >> .profile", "~/.profile += \"a\""),
        ("cat > x <<'E'\nhi\nE", "./x = \"hi\\n\""),
        ("cat > x <<E\n$UNSET\nE", "./x = \"\\u{ffff}\\n\""),
        ("ls > x", "./x = ?"),
        ("ls 2> x", "./x = ?"),
        ("echo a | sudo tee -a /etc/x", "/etc/x += \"a\""),
        ("echo a > y; cp y /z", "/z = \"a\""),
        ("mv y /z/", "/z/y = ?"),
        ("cp -t /z a", "/z/a = ?"),
        ("install -m 755 y /z/w", "/z/w = ?"),
        ("ln -sf y /z", "/z = ?"),
        ("sed -i s/a/b/ y", "./y ~= ?"),
        ("sed -i.bak -e s/a/b/ y", "./y ~= ?"),
        ("perl -pi -e s/a/b/ y", "./y ~= ?"),
        ("dd if=a of=/dev/sdb", "/dev/sdb = ?"),
        ("curl -o y https://x/z", "./y = \"\\u{fffe}\""),
        ("wget -O y https://x/z", "./y = \"\\u{fffe}\""),
        ("wget https://x/z", "./z = \"\\u{fffe}\""),
        ("truncate -s 0 y", "./y = ?"),
        ("python3 -c \"open('/y', 'w').write('a')\"", "/y = ?"),
        ("bash -c 'echo a > y'", "./y = \"a\""),
        (
            "node -e \"require('fs').appendFileSync('y', 'a')\"",
            "./y += \"a\"",
        ),
        ("node -e \"fs.writeFileSync('y', 'a/b')\"", "./y = \"a/b\""),
        ("ruby -e 'File.write(\"y\", \"a\")'", "./y = \"a\""),
        ("perl -e 'open(F, \">>y\")'", "./y += ?"),
        ("php -r 'file_put_contents(\"/y\", \"a\");'", "/y = \"a\""),
    ] {
        let told = shell(line);
        assert!(told.iter().any(|line| line == expected), "{line}: {told:?}");
    }
}

#[test]
fn what_only_reads_writes_nothing() {
    for line in [
        "cat a < b 2>&1",
        "sed -n s/a/b/ y",
        "sed s/a/b/ y",
        "cp --help",
        "curl https://x/z",
        "wget -O - https://x/z",
        "echo 'a > b'",
        "install -d a/b",
        "rsync -a x host:y",
        "[[ a > b ]]",
    ] {
        let told = shell(line);
        assert!(
            !told.iter().any(|line| line.contains("= ")),
            "{line}: {told:?}"
        );
    }
}

#[test]
fn marks_in_a_text_are_meant_only_where_the_caller_says_so() {
    let text = Text::Shell("rm \u{FFFF} \u{FDD0} \u{FDD1} \u{FFFE}".to_owned());
    let recorder = Recorder::new();
    Follower::new(&recorder).follow(&text).unwrap();
    Follower::new(&recorder).with_marks().follow(&text).unwrap();
    let expected = [
        "rm \u{FFFD} \u{FFFD} \u{FFFD} \u{FFFD}",
        "rm … \u{FFFD} \u{FFFD} \u{FFFD}",
    ];
    assert_eq!(*recorder.told.borrow(), expected);
    // A command can't write a mark by an escape either.
    assert_eq!(shell(r"rm $'\uffff\ufdd0'"), ["rm \u{FFFD}\u{FFFD}"]);
    assert_eq!(
        shell("rm $(echo 77+/ | base64 -d)")[1..],
        ["base64 -d", "rm \u{FFFD}"]
    );
}

#[test]
fn cells_of_notebooks_run_a_shell_where_they_say_so() {
    for (text, expected) in [
        ("!rm a", &["rm a"][..]),
        ("x = 1\nfiles = !rm a\nprint(files)", &["rm a"]),
        ("for f in ['a', 'b']:\n    !rm {f}", &["rm a", "rm b"]),
        ("p = 'a'\n!rm {p}/x $p", &["rm a/x a"]),
        ("!rm \\\n  a", &["rm a"]),
        ("!!rm a", &["rm a"]),
        ("%sx rm a", &["rm a"]),
        ("%time !rm a", &["rm a"]),
        ("%cd /b\n!rm a > c", &["rm a", "/b/c = ?"]),
        ("%%bash\nX=a\nrm ${X} {b,c}", &["rm a b c"]),
        ("%%time\n%%capture\n!rm a", &["rm a"]),
        ("%%script bash\nrm a", &["rm a"]),
        ("%%script --bg sh\nrm a", &["rm a"]),
        ("%%writefile x\nhi", &["./x = \"hi\""]),
        ("%%perl\nsystem('rm a')", &["rm a"]),
        ("import os\nos.system('rm a')", &["rm a"]),
        ("import subprocess as sp\nsp.run(['rm', 'a'])", &["rm a"]),
        ("x != y\nprint('!rm a')", &[]),
    ] {
        let told = cell(text);
        assert_eq!(told, expected, "{text}");
    }
}

#[test]
fn tools_that_scripts_call_run_a_shell() {
    for text in [
        "terminal('rm a')",
        "terminal(command='rm a')",
        "result = terminal(\n  command=\"rm a\",\n  timeout=3,\n)",
        "tools.exec_command(cmd='rm a', workdir='/x')",
        "await tools.bash('rm a', 30)",
        "functions.exec_command({'cmd': 'rm a', 'x': 1})",
        "terminal(**{'command': 'rm a'})",
        "c = 'rm a'\nterminal(c)",
        "terminal(['rm', 'a'])",
        "terminal(commands=['ls -l', 'rm a'])",
        "terminal(f'rm {\"a\"}'.format())",
    ] {
        let told = cell(text);
        let has_rm = told.iter().any(|line| line.starts_with("rm "));
        assert!(has_rm, "{text}: {told:?}");
    }
    for text in [
        "other('rm a')",
        "print('terminal: rm a')",
        "terminal(timeout=3)",
    ] {
        assert_eq!(cell(text), [""; 0], "{text}");
    }
}

#[test]
fn files_that_python_writes_are_told() {
    for (text, expected) in [
        ("open('y', 'a').write('/z')", "./y += ?"),
        ("open(file='y', mode='w')", "./y = ?"),
        (
            "with open(f'{d}/y', 'w') as f:\n  f.write('/z')",
            "\u{2026}/y = ?",
        ),
        ("Path('y').write_text('a')", "./y = \"a\""),
        (
            "p = Path.home() / '.profile'\np.write_text('a')",
            "~/.profile = \"a\"",
        ),
        (
            "(Path.home() / '.profile').write_text('a')",
            "~/.profile = \"a\"",
        ),
        ("shutil.copy('a', '/y')", "/y = ?"),
    ] {
        let told = cell(text);
        assert_eq!(told.first().map(String::as_str), Some(expected), "{text}");
    }
    // What is said to a file that is open is told as well.
    assert_eq!(
        cell("open('y', 'a').write('/z')"),
        ["./y += ?", "./y += \"/z\""]
    );
    assert_eq!(
        cell("os.replace('a', '/y')"),
        ["mv a /y", "/y = ?", "/y/a = ?"]
    );
    for text in [
        "open('w')",
        "open('y', 'rb').read()",
        "x.replace('a', '/y')",
        "f.write('/y')",
    ] {
        assert_eq!(cell(text), [""; 0], "{text}");
    }
}

#[test]
fn the_first_objection_ends_it() {
    let recorder = Recorder::new();
    let text = Text::Shell("rm a; stop; rm b".to_owned());
    let stop = Follower::new(&recorder).follow(&text);
    assert_eq!(stop, Err(Stop::Found("stopped".to_owned())));
    assert_eq!(*recorder.told.borrow(), ["rm a"]);
}

#[test]
fn words_and_folders_are_taken_as_they_are() {
    let recorder = Recorder::new();
    let words = ["rm", "$X", "a;b"].map(str::to_owned).to_vec();
    let follower = Follower::new(&recorder).in_folder(Some("/a/b/.."));
    follower.follow(&Text::Words(words)).unwrap();
    follower
        .follow(&Text::Shell("echo > c".to_owned()))
        .unwrap();
    assert_eq!(
        *recorder.told.borrow(),
        ["rm $X a;b", "echo", "/a/c = \"\""]
    );
}

#[test]
fn what_was_cut_off_is_told_by_its_words() {
    let raw = r#"{"command": "cd x\nrm -r \"a b\" && git sta"#;
    assert_eq!(told(Text::Broken(raw.to_owned())), ["rm -r a b", "git sta"]);
}

#[test]
fn a_long_word_takes_steps_whatever_comes_of_it() {
    const ALL: usize = 1_000_000;
    let recorder = Recorder::new();
    let sum = "$i + ".repeat(200);
    let taken = |rounds: usize| {
        let text = format!("for i in {}; do : $(({sum}1)); done", "1 ".repeat(rounds));
        let steps = Cell::new(ALL);
        let follower = Follower::new(&recorder).sharing(&steps);
        follower.follow(&Text::Shell(text)).unwrap();
        ALL - steps.get()
    };
    // Each round reads the word, and the sum in it.
    let (one, nine) = (taken(1), taken(9));
    assert!(nine - one > 8 * sum.len() / 4 * 2, "{one} {nine}");
}
