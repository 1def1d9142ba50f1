"""News of the demo province."""

from __future__ import annotations

from datetime import timedelta

from cms.models import NewsIndexPage, NewsPage
from people.querysets import today

#: Days ago, title, summary, text.
NEWS = (
    (
        4,
        "Mở lớp hướng dẫn dịch vụ công trực tuyến tại nhà văn hoá thôn",
        "Tối thứ Ba và thứ Năm hằng tuần, thành viên Tổ công nghệ số cộng đồng giúp bà con nộp hồ sơ trên điện thoại.",
        "<p>Bà con mang theo điện thoại và căn cước. Lớp học miễn phí, không cần đăng ký trước.</p>"
        "<p>Ai chưa cài VNeID được giúp cài tại chỗ. Không ai hỏi mật khẩu hay mã OTP của bà con.</p>",
    ),
    (
        23,
        "Đợt cấp giấy xác nhận tháng này",
        "Người hoàn thành khoá «5 kỹ năng số cơ bản» trước ngày 25 nhận giấy trong mục «Việc học của tôi».",
        "<p>Giấy có mã QR. Ai quét mã cũng kiểm tra được giấy còn hiệu lực hay không.</p>",
    ),
    (
        41,
        "Cẩn thận cuộc gọi tự xưng là cán bộ chuyển đổi số",
        "Kẻ gian gọi điện mời cài ứng dụng lạ rồi chiếm tiền. Cán bộ không bao giờ hỏi mã OTP.",
        "<p>Gặp cuộc gọi như vậy, hãy tắt máy và báo công an xã, phường. Đừng bấm đường dẫn trong tin nhắn lạ.</p>",
    ),
)


def news_create() -> int:
    """Publish the news; returns how many there are."""
    index = NewsIndexPage.objects.get()
    for days, title, summary, text in reversed(NEWS):
        body = [("text", text)]
        page = NewsPage(title=title, summary=summary, said_on=today() - timedelta(days=days), body=body)
        index.add_child(instance=page)
        page.save_revision().publish()
    return len(NEWS)
