use std::time::Duration;

use portal_domain::Read;

use crate::stripe::read;
use crate::stripe::scripted::{Scene, answer};

#[test]
fn a_thousand_reads_go_out_at_ten_a_second() {
    let scene = Scene::new([]);
    for _ in 0..1000 {
        assert_eq!(read(&scene.api, &Read::Endpoints).err(), None);
    }
    // The first twenty do not wait.
    assert_eq!(scene.pace.passed(), Duration::from_secs(98));
}

#[test]
fn a_further_try_takes_its_turn_too() {
    let scene = Scene::new((0..10).flat_map(|_| [500, 500, 200]).map(|it| answer(it, None, "")));
    for _ in 0..10 {
        assert_eq!(read(&scene.api, &Read::Endpoints).err(), None);
    }
    assert_eq!(scene.transport.asked().len(), 30);
    assert_eq!(scene.pace.passed(), Duration::from_secs(1));
}
