"""What is looked at before a page is published: pure rules, and the gate that every way of publishing passes."""
