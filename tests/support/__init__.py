"""What several tests share: servers, browser pages, clients."""
