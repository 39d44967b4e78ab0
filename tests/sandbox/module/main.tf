terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
variable "name" { type = string }
data "aws_region" "here" {}
resource "aws_cloudwatch_log_group" "this" { name = "/cw-obs/${var.name}" }
resource "aws_cloudwatch_log_metric_filter" "errors" {
  name           = var.name
  log_group_name = aws_cloudwatch_log_group.this.name
  pattern        = "ERROR"
  metric_transformation {
    name      = "Errors"
    namespace = var.name
    value     = "1"
  }
}
resource "aws_sns_topic" "alerts" { name = var.name }
resource "aws_cloudwatch_metric_alarm" "errors" {
  alarm_name          = var.name
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 1
  metric_name         = "Errors"
  namespace           = var.name
  period              = 60
  statistic           = "Sum"
  threshold           = 0
  alarm_actions       = [aws_sns_topic.alerts.arn]
}
resource "aws_iam_role" "this" {
  name = var.name
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "lambda.amazonaws.com" }
    }]
  })
}
resource "aws_s3_bucket" "archive" {
  bucket        = var.name
  force_destroy = true
}
