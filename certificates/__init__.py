"""Numbered certificates, their register, and the page on which anyone can check one."""
