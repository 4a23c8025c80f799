module qunhub.example/sample

go 1.19
