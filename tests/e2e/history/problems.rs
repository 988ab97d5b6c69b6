//! What operators are told where they ask for what there is not.

use uuid::Uuid;

use super::{host, problem};

#[tokio::test]
async fn a_list_that_cannot_be_answered_is_a_problem_that_says_why() {
    let (host, _, _folder) = host().await;
    for (path, status, code, detail) in [
        (
            "/exchanges?modle=x",
            400,
            "bad-parameter",
            "did you mean `model`?",
        ),
        (
            "/exchanges?limit=501",
            400,
            "bad-parameter",
            "limit: 501 is not in 1..=500",
        ),
        ("/exchanges?after=x", 400, "bad-parameter", "`next`"),
        (
            "/exchanges?session=x",
            400,
            "bad-parameter",
            "session: `x` is no id",
        ),
        (
            "/exchanges?until_ms=9223372036854775808",
            400,
            "bad-parameter",
            "until_ms: no time is that late",
        ),
        (
            "/exchanges?session=%2B1",
            400,
            "bad-parameter",
            "session: `+1` is no id",
        ),
        ("/exchanges?q=x", 400, "bad-parameter", "`text`"),
        ("/search?text=x", 400, "bad-parameter", "`q` is missing"),
        (
            "/sessions?calller=x",
            400,
            "bad-parameter",
            "did you mean `caller`?",
        ),
    ] {
        let told = problem(&host, path, status).await;
        assert_eq!(told["code"], code, "{path}");
        assert!(
            told["detail"]
                .as_str()
                .is_some_and(|text| text.contains(detail)),
            "{told}"
        );
    }
}

#[tokio::test]
async fn what_there_is_not_is_a_problem_that_says_so() {
    let (host, ids, _folder) = host().await;
    let nobody = Uuid::now_v7();
    let own = &ids[0];
    for (path, status, code, detail) in [
        ("/sessions/999", 404, "not-found", "session"),
        ("/sessions/999/tree", 404, "not-found", "session"),
        (
            &format!("/exchanges/{nobody}"),
            404,
            "not-found",
            "exchange",
        ),
        ("/exchanges/%ff", 404, "not-found", "%ff"),
        (
            "/exchanges?status=abc",
            400,
            "bad-parameter",
            "status: invalid digit",
        ),
        ("/exchanges/x", 404, "not-found", "exchange"),
        (
            &format!("/exchanges/{own}/bodies/x"),
            404,
            "not-found",
            "`asked`",
        ),
        (
            &format!("/exchanges/{own}/bodies/sent-2"),
            404,
            "not-found",
            "body",
        ),
        ("/contents/999999", 410, "gone", "erased"),
    ] {
        let told = problem(&host, path, status).await;
        assert_eq!(told["code"], code, "{path}");
        assert!(
            told["detail"]
                .as_str()
                .is_some_and(|text| text.contains(detail)),
            "{told}"
        );
    }
}
