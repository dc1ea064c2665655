rootProject.name = "train-from-a-table"
