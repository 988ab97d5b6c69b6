//! Joins over time: months, groups, and what is forgotten.

use super::super::on_both;
use super::super::place::{Place, store_all};
use super::super::sample::MONTH;
use super::{assert_joins, id, model, open, said, store_each, user};

on_both!(
    a_conversation_goes_on_in_the_next_month,
    the_same_reply_in_two_months_tells_nothing,
    sessions_of_one_group_are_joined,
    what_was_not_there_before_is_not_continued,
    a_join_goes_with_the_session_that_is_continued,
    a_join_goes_with_the_session_that_continues,
    a_join_outlives_the_contents,
    a_cut_exchange_that_ended_is_joined_again,
);

async fn a_conversation_goes_on_in_the_next_month(place: Place) {
    let (store, _) = open(&place).await;
    let all = [
        said("ann", "old", 0, &[user("Delete it.")], "It is gone."),
        said(
            "ann",
            "new",
            MONTH,
            &[user("So far"), model("It is gone.")],
            "Yes.",
        ),
        said(
            "ann",
            "late",
            3 * MONTH,
            &[user("Late"), model("It is gone.")],
            "Yes.",
        ),
    ];
    store_each(&store, &all).await;
    let joined = [("late", None), ("new", Some("old")), ("old", None)];
    assert_joins(&store, &joined).await;
}

async fn the_same_reply_in_two_months_tells_nothing(place: Place) {
    let (store, _) = open(&place).await;
    let all = [
        said("ann", "one", 0, &[user("Delete it.")], "It is gone."),
        said("ann", "two", MONTH, &[user("Drop it.")], "It is gone."),
        said(
            "ann",
            "new",
            MONTH + 1,
            &[user("So far"), model("It is gone.")],
            "Yes.",
        ),
        // One session in both months is still one.
        said(
            "ann",
            "one",
            MONTH + 2,
            &[user("Delete it.")],
            "It is done.",
        ),
        said("ann", "one", 3, &[user("Delete it.")], "It is done."),
        said(
            "ann",
            "end",
            MONTH + 3,
            &[user("On"), model("It is done.")],
            "Yes.",
        ),
    ];
    store_each(&store, &all).await;
    let joined = [
        ("end", Some("one")),
        ("new", None),
        ("one", None),
        ("two", None),
    ];
    assert_joins(&store, &joined).await;
}

async fn sessions_of_one_group_are_joined(place: Place) {
    let (store, _) = open(&place).await;
    let all = vec![
        said("ann", "old", 0, &[user("Delete it.")], "It is gone."),
        said(
            "ann",
            "new",
            1,
            &[user("So far"), model("It is gone.")],
            "Yes.",
        ),
        said("ann", "end", 2, &[user("On"), model("Yes.")], "No."),
    ];
    let twice = [all.clone(), all].concat();
    assert!(store_all(&store, twice).await.iter().all(Result::is_ok));
    let joined = [("end", Some("new")), ("new", Some("old")), ("old", None)];
    assert_joins(&store, &joined).await;
}

async fn what_was_not_there_before_is_not_continued(place: Place) {
    let (store, _) = open(&place).await;
    let all = [
        said("ann", "later", 5, &[user("Delete it.")], "It is gone."),
        said(
            "ann",
            "first",
            0,
            &[user("So far"), model("It is gone.")],
            "Yes.",
        ),
    ];
    store_each(&store, &all).await;
    assert_joins(&store, &[("first", None), ("later", None)]).await;
}

async fn a_join_goes_with_the_session_that_is_continued(place: Place) {
    let (store, _) = open(&place).await;
    let all = [
        said("ann", "old", 0, &[user("Delete it.")], "It is gone."),
        said(
            "ann",
            "new",
            1,
            &[user("So far"), model("It is gone.")],
            "Yes.",
        ),
        said("ann", "end", 2, &[user("On"), model("Yes.")], "No."),
    ];
    store_each(&store, &all).await;
    let (old, new) = (id(&store, "old").await, id(&store, "new").await);
    store.eraser().hold(new, "a case").await.unwrap();
    assert_eq!(store.eraser().erase_session(old).await.unwrap(), 1);
    assert_joins(&store, &[("end", Some("new")), ("new", None)]).await;
    assert_eq!(store.sessions_up_to(new).await.unwrap(), [new]);
}

async fn a_join_goes_with_the_session_that_continues(place: Place) {
    let (store, _) = open(&place).await;
    let all = [
        said("ann", "old", 0, &[user("Delete it.")], "It is gone."),
        said(
            "ann",
            "new",
            1,
            &[user("So far"), model("It is gone.")],
            "Yes.",
        ),
    ];
    store_each(&store, &all).await;
    let (old, new) = (id(&store, "old").await, id(&store, "new").await);
    assert_eq!(store.eraser().erase_session(new).await.unwrap(), 1);
    let session = store.session(old).await.unwrap().unwrap();
    assert_eq!(session.continued_by, None);
    assert_joins(&store, &[("old", None)]).await;
    // It begins again, and is joined again.
    let mut again = all[1].clone();
    again.id = uuid::Uuid::now_v7();
    store_each(&store, &[again]).await;
    assert_joins(&store, &[("new", Some("old")), ("old", None)]).await;
}

async fn a_join_outlives_the_contents(place: Place) {
    let (store, _) = open(&place).await;
    let all = [
        said("ann", "old", 0, &[user("Delete it.")], "It is gone."),
        said(
            "ann",
            "new",
            1,
            &[user("So far"), model("It is gone.")],
            "Yes.",
        ),
    ];
    store_each(&store, &all).await;
    assert_eq!(store.eraser().purge_contents(u64::MAX).await.unwrap(), 2);
    assert_joins(&store, &[("new", Some("old")), ("old", None)]).await;
    // What is not kept any more can't be compared.
    let late = said("ann", "late", 2, &[user("On"), model("It is gone.")], "No.");
    store_each(&store, &[late]).await;
    let joined = [("late", None), ("new", Some("old")), ("old", None)];
    assert_joins(&store, &joined).await;
}

async fn a_cut_exchange_that_ended_is_joined_again(place: Place) {
    let (store, _) = open(&place).await;
    let old = said("ann", "old", 0, &[user("Delete it.")], "It is gone.");
    let mut new = said(
        "ann",
        "new",
        1,
        &[user("So far"), model("It is gone.")],
        "Yes.",
    );
    let ending = std::mem::replace(&mut new.ending, crate::exchange::Ending::Cut);
    store_each(&store, &[old, new.clone()]).await;
    assert_joins(&store, &[("new", Some("old")), ("old", None)]).await;
    new.ending = ending;
    store_each(&store, &[new]).await;
    assert_joins(&store, &[("new", Some("old")), ("old", None)]).await;
}
