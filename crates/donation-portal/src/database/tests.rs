use portal_domain::StoreError;

use super::{DATABASE_URL, DatabaseUrl};

#[test]
fn the_url_of_a_file_is_shown_as_it_is_read() {
    for (url, shown) in [
        (DATABASE_URL.default.unwrap(), DATABASE_URL.default.unwrap()),
        ("sqlite:portal.db", "sqlite://portal.db"),
        ("sqlite:///var/lib/portal.db", "sqlite:///var/lib/portal.db"),
    ] {
        assert_eq!(DatabaseUrl::parse(url).map(|home| home.to_string()), Ok(shown.to_owned()));
    }
}

#[test]
fn the_url_of_a_server_is_read_and_shown_without_its_password() {
    for scheme in ["postgres", "postgresql"] {
        let home = DatabaseUrl::parse(&format!(
            "{scheme}://portal:pa55word@db.example.org:5433/donations"
        ));
        let home = home.unwrap();
        assert!(matches!(home, DatabaseUrl::Postgres(_)));
        let shown = home.to_string();
        for part in ["portal", "db.example.org", "5433", "donations"] {
            assert!(shown.contains(part), "{part} in {shown}");
        }
        assert!(!shown.contains("pa55word"), "{shown}");
    }
}

#[test]
fn another_url_is_misuse_and_nothing_of_it_is_repeated() {
    for url in [
        "",
        "pa55word.db",
        "mysql://portal:pa55word@db.example.org/donations",
        "postgres:portal:pa55word@db.example.org/donations",
        "Sqlite://pa55word.db",
        "sqlite:",
        "sqlite://",
        "sqlite://pa55word/",
        "sqlite://portal.db?password=pa55word",
        "sqlite://portal.db#pa55word",
        "postgres://portal:pa55word@db.example.org:port/donations",
        "postgres://portal:first@pa55word@db.example.org/donations",
        "postgres://portal:first@db/pa55word@db.example.org/donations",
        "postgres://portal:first@db?pa55word@db.example.org/donations",
    ] {
        let said = format!("{:?}", DatabaseUrl::parse(url).map(drop).unwrap_err());
        assert!(!said.contains("pa55word"), "{said}");
    }
}

#[test]
fn an_error_of_the_server_brings_a_hint() {
    let home = DatabaseUrl::parse("postgres://portal:pa55word@db.example.org/donations").unwrap();
    for (error, hint) in [
        (StoreError::Missing, "createdb"),
        (StoreError::Unreachable, "check host and port"),
        (StoreError::TimedOut, "overloaded"),
        (StoreError::TooManyConnections, "max_connections"),
        (StoreError::AccessDenied("no password supplied".into()), "user and password"),
        (StoreError::ServerTooOld { found: "14.2".into() }, "upgrade"),
        (StoreError::ReadOnly, "primary"),
        (StoreError::TooOld { found: 0, needed: 1 }, "donation-portal migrate"),
        (StoreError::CopyIncomplete, "donation-portal copy"),
    ] {
        let said = home.could_not_open(&error).text().en;
        assert!(said.starts_with("could not open the database postgres"), "{said}");
        assert!(said.contains(&error.to_string()) && said.contains(hint), "{said}");
        assert!(!said.contains("pa55word"), "{said}");
        assert_eq!(said.matches(hint).count(), 1, "{said}");
    }
}
