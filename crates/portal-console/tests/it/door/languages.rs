//! The language of a page: chosen, remembered, preferred, or that of the alerts.

use portal_testkit::Result;

use crate::support::{Answer, Console, OPERATORS};

fn language(answer: &Answer) -> &str {
    let rest = answer.body.split_once("<html lang=\"").unwrap().1;
    rest.split_once('"').unwrap().0
}

#[test]
fn the_address_goes_before_the_cookie_and_that_before_the_browser() -> Result {
    let console = Console::new(&[])?;
    for (path, cookie, accepted, due) in [
        ("/ops/", "", "", "en"),
        ("/ops/", "", "ja", "ja"),
        ("/ops/", "", "de-DE, ja-JP;q=0.8, en;q=0.5", "ja"),
        ("/ops/", "", "EN-us", "en"),
        ("/ops/", "", "de, *", "en"),
        ("/ops/", "ops-lang=ja", "en", "ja"),
        ("/ops/", "ops-lang=tlh", "ja", "ja"),
        ("/ops/?lang=en", "ops-lang=ja", "ja", "en"),
        ("/ops/?lang=ja", "", "en", "ja"),
        ("/ops/?lang=tlh", "", "ja", "ja"),
        ("/ops/nothing?lang=ja", "", "", "ja"),
    ] {
        let asked = console.get(path).with_cookie(cookie).with("accept-language", accepted);
        assert_eq!(language(&asked.answer()?), due, "{path} {cookie} {accepted}");
    }
    let japanese = Console::new(&[("ALERT_LANGUAGE", "ja")])?;
    assert_eq!(language(&japanese.get("/ops/").answer()?), "ja");
    assert_eq!(language(&japanese.get("/ops/").with("accept-language", "en").answer()?), "en");
    Ok(())
}

#[test]
fn the_language_that_is_chosen_is_remembered_also_before_signing_in() -> Result {
    for console in [Console::new(&[])?, Console::new(&[OPERATORS])?] {
        for path in ["/ops/?lang=ja", "/ops/sign-in?lang=ja"] {
            let answer = console.get(path).answer()?;
            let mut cookies = answer.headers.get_all("set-cookie").iter();
            let due = "ops-lang=ja; Path=/ops; Max-Age=31536000; SameSite=Strict; HttpOnly";
            assert!(cookies.any(|it| it == due), "{path}: {:?}", answer.headers);
        }
        let other = console.get("/ops/?lang=tlh").answer()?;
        assert!(!format!("{:?}", other.headers).contains("ops-lang"));
    }
    Ok(())
}

#[test]
fn each_page_leads_to_itself_in_the_other_language() -> Result {
    let console = Console::new(&[OPERATORS])?;
    let page = console.get("/ops/sign-in?to=%2Fops%2F").answer()?;
    assert!(page.says(r#"href="/ops/sign-in?to=%2Fops%2F&amp;lang=ja" lang="ja" hreflang="ja""#));
    let page = console.get("/ops/?mode=test&lang=ja").answer()?;
    assert!(page.says(r#"href="/ops/?mode=test&amp;lang=en" lang="en" hreflang="en""#));
    assert!(page.says("サインインしていません"));
    Ok(())
}
