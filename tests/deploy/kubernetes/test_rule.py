from deploy.kubernetes.rule import TARGET, rule_text


def test_the_committed_rule_is_what_the_code_writes() -> None:
    assert TARGET.read_text(encoding="utf-8") == rule_text()
