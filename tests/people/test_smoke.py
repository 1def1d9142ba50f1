def test_a(client, learner, province):
    client.force_login(learner)
    assert client.get("/khong-co/").status_code == 404
