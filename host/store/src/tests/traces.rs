//! SQLite's files hold nothing of what was erased.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::erasing::{assert_sound, turns};
use super::place::{Place, Process, store_all};
use super::sample::{NOW, exchange};
use crate::exchange::Ending;
use crate::item::Amendment;

/// The files that hold a text.
pub(super) fn files_with(folder: &Path, text: &str) -> BTreeMap<String, usize> {
    let files = fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path());
    let count = |file: std::path::PathBuf| {
        let bytes = fs::read(&file).unwrap();
        let count = memchr::memmem::find_iter(&bytes, text.as_bytes()).count();
        (
            file.file_name().unwrap().to_string_lossy().into_owned(),
            count,
        )
    };
    files.map(count).filter(|(_, count)| *count > 0).collect()
}

#[tokio::test]
async fn no_file_of_sqlite_holds_what_was_erased() {
    let mut place = Place::sqlite();
    place.config.compress = false;
    let store = place.open().await;
    let mut secret = turns("ann", "quietsession", NOW, 30);
    for (turn, one) in secret.iter_mut().enumerate() {
        one.asked
            .headers
            .push(("x".into(), format!("zheader{turn}")));
        one.reply[0].content = format!("\"yreply{turn}\"").into();
        one.reply[0].text = Some(format!("yreply{turn}"));
        one.verdicts[0].before = Some(format!("wbefore{turn}").into());
        one.verdicts[0].reason = Some(format!("vreason{turn}"));
        one.asked.body.bytes = String::from_utf8(one.asked.body.bytes.to_vec())
            .unwrap()
            .replace("Turn ", "xTurn_")
            .into();
        one.asked.body.cuts.clear();
    }
    // With cuts and without, among others, so that pages are split and joined.
    for at in 0..30 {
        let others = turns(&format!("caller{at}"), "s", NOW, 5);
        let own = turns("ann", "qsecretsession", NOW + at, 3);
        store_all(
            &store,
            [others, own, vec![secret[at as usize].clone()]].concat(),
        )
        .await;
    }
    let many = |from: u32| (from..from + 30_000).map(|at| format!("{at:x} ")).collect();
    let said: Vec<_> = (1..9).map(|at| ("user", many(at * 100_000))).collect();
    let lonely = exchange("eve", "s", NOW, &[("user", "ulonely".into())]);
    store_all(&store, vec![exchange("bob", "s", NOW, &said), lonely]).await;
    store.close().await;
    let store = place.open().await;
    let needles = [
        "ulonely",
        "zheader17",
        "yreply3",
        "wbefore9",
        "vreason12",
        "xTurn_2",
        "qsecretsession",
        "quietsession",
    ];
    for needle in needles {
        assert_ne!(
            files_with(&place.folder(), needle),
            BTreeMap::new(),
            "{needle}"
        );
    }
    // A little of a large index: SQLite does not write it anew because of that.
    store.eraser().erase_caller("eve").await.unwrap();
    store.eraser().scrub().await.unwrap();
    assert_eq!(files_with(&place.folder(), "ulonely"), BTreeMap::new());
    store.eraser().erase_caller("ann").await.unwrap();
    store.eraser().scrub().await.unwrap();
    for needle in needles {
        assert_eq!(
            files_with(&place.folder(), needle),
            BTreeMap::new(),
            "{needle}"
        );
    }
    // Not in parts either: `yreply` is also the beginning of words in the index.
    for needle in ["zheader", "yreply", "wbefore", "vreason", "xTurn_"] {
        assert_eq!(
            files_with(&place.folder(), needle),
            BTreeMap::new(),
            "{needle}"
        );
    }
    assert_sound(&store).await;
}

#[tokio::test]
async fn no_file_of_sqlite_holds_what_was_under_way() {
    let mut place = Place::sqlite();
    place.config.compress = false;
    let store = place.open().await;
    let process = Process::start(&store);
    let secret = |caller: &str, word: &str| {
        let said = [("user", format!("{word} ").repeat(2000))];
        exchange(caller, &format!("quiet{word}"), NOW, &said)
    };
    // One is erased while it is under way, one when it was stored.
    let (open, ended) = (secret("ann", "xopen"), secret("ann", "yended"));
    for one in [&open, &ended, &secret("bob", "zother")] {
        let begun = process.writer.begin(one.clone()).unwrap();
        assert_eq!(begun.committed().await.map(drop), Ok(()));
    }
    process.writer.offer(ended.clone()).unwrap();
    let amendment = Amendment {
        id: ended.id,
        ending: Ending::Aborted,
        cause: Some("wcause".into()),
        total: ended.times.total,
    };
    let amended = process.writer.amend(amendment).unwrap();
    assert_eq!(amended.committed().await.map(drop), Ok(()));
    let needles = ["xopen", "yended", "wcause"];
    for needle in needles {
        assert_ne!(files_with(&place.folder(), needle), BTreeMap::new());
    }
    store.eraser().erase_caller("ann").await.unwrap();
    store.eraser().scrub().await.unwrap();
    for needle in needles {
        let found = files_with(&place.folder(), needle);
        assert_eq!(found, BTreeMap::new(), "{needle}");
    }
    assert_ne!(files_with(&place.folder(), "zother"), BTreeMap::new());
    process.die().await;
}
