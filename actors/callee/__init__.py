"""Who answers an outbound call: a person, a mailbox, a menu, or nobody."""
